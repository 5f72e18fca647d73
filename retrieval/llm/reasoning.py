"""A model's reasoning, separated from its answer.

Some providers send it in a field of its own. Others leave it in the text, between tags at
its beginning. A tag elsewhere in an answer is a part of the answer.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from contextlib import aclosing
from typing import Any

from retrieval.llm.base import Completion, Ending, Piece, Reasoning

_NAMES = ("think", "thinking", "thought", "reasoning", "seed:think")
_OPENING = re.compile(rf"\s*+<({'|'.join(_NAMES)})>", re.IGNORECASE)
_LONGEST_TAG = max(map(len, _NAMES)) + len("</>")
_ONLY_CLOSED = re.compile(
    rf"(?<!`)</(?:{'|'.join(_NAMES)})>[ \t]*+\r?\n", re.IGNORECASE
)
"""The end of reasoning whose opening tag was part of the prompt: a tag that ends a line."""
_DETAILS = re.compile(
    r"\A\s*+<details type=\"reasoning\"[^>]*+>(?:(?!</details>).)*+</details>",
    re.DOTALL | re.IGNORECASE,
)
_STARTS_JSON = re.compile(r"\s*+[{\[]")
_FIELDS = ("reasoning_content", "reasoning", "thinking")


def split(text: str, *, truncated: bool = False) -> tuple[str, str]:
    """Return the reasoning at the beginning of a whole answer, and the rest.

    An opening tag that is never closed begins reasoning only if the text is truncated.
    """
    opening = _OPENING.match(text)
    if opening:
        closing = _closing_tag(opening[1]).search(text, opening.end())
        if closing is None:
            return (text[opening.end() :].strip(), "") if truncated else ("", text)
        return text[opening.end() : closing.start()].strip(), _after(text, closing)
    closing = None if _STARTS_JSON.match(text) else _ONLY_CLOSED.search(text)
    if closing and _after(text, closing):
        return text[: closing.start()].strip(), _after(text, closing)
    return "", text


def without(text: str) -> str:
    """Remove the reasoning from an answer of an earlier turn.

    Open WebUI stores it as `<details type="reasoning">…</details>`.
    """
    return _DETAILS.sub("", split(text)[1]).lstrip()


def whole_answer(pieces: Iterable[Piece]) -> Completion:
    """Join the pieces of a stream to a whole answer."""
    texts: list[str] = []
    thoughts: list[str] = []
    ending = Ending()
    for piece in pieces:
        match piece:
            case Ending():
                ending = piece
            case Reasoning(thought):
                thoughts.append(thought)
            case text:
                texts.append(text)
    tagged, answer = split("".join(texts))
    return ending.after(answer, "".join(thoughts).strip() or tagged)


async def collect(pieces: AsyncGenerator[Piece, None], max_chars: int) -> Completion:
    """Return a streamed answer, cut after `max_chars` characters; 0 means no limit."""
    collected: list[Piece] = []
    chars = 0
    async with aclosing(pieces):
        async for piece in pieces:
            collected.append(piece)
            chars += len(piece) if isinstance(piece, str) else 0
            if max_chars and chars > max_chars:
                collected.append(Ending(truncated=True))
                break
    return whole_answer(collected)


def _closing_tag(name: str) -> re.Pattern[str]:
    return re.compile(f"</{name}>", re.IGNORECASE)


def _after(text: str, match: re.Match[str]) -> str:
    return text[match.end() :].strip()


class ReasoningSplitter:
    """Separates the pieces of a stream into reasoning and answer.

    `is_open`: the stream begins inside the reasoning, because the opening tag is part of
    the prompt.
    """

    def __init__(self, *, is_open: bool = False) -> None:
        self._begun = is_open
        self._opening = ""
        self._closing = "</think>" if is_open else ""
        """The tag that ends the reasoning, in lower case; empty outside of reasoning."""
        self._held = ""
        """Text that may be the beginning of a tag."""
        self._tagged: list[str] = []
        self._answers: list[str] = []
        self.has_reasoning = False

    @property
    def has_answer(self) -> bool:
        return bool(self._answers)

    @property
    def was_only_closed(self) -> bool:
        """Whether the answer so far begins with reasoning without an opening tag."""
        return bool(split("".join(self._answers))[0])

    def pieces(self, reasoning: str, text: str) -> Iterator[Piece]:
        """Yield the pieces for a delta with a field of reasoning, text, or both."""
        if reasoning:
            yield self._reasoning(reasoning)
        if text:
            yield from self._read(text)

    def close(self, *, truncated: bool) -> Iterator[Piece]:
        """Yield what was held back, at the end of the stream.

        If the reasoning was never closed, all of it was the answer.
        """
        held, self._held = self._held, ""
        if not self._closing:
            yield from self._answer(held)
        elif truncated:
            yield self._reasoning(held)
        else:
            yield from self._answer(f"{self._opening}{''.join(self._tagged)}{held}")

    def _read(self, text: str) -> Iterator[Piece]:
        text, self._held = self._held + text, ""
        if not self._begun:
            opening = _OPENING.match(text)
            if opening is None and _may_begin_tag(text):
                self._held = text
                return
            self._begun = True
            if opening:
                self._opening = opening[0]
                self._closing = f"</{opening[1].lower()}>"
                text = text[opening.end() :]
        yield from self._read_reasoning(text) if self._closing else self._answer(text)

    def _read_reasoning(self, text: str) -> Iterator[Piece]:
        start = text.lower().find(self._closing)
        if start >= 0:
            end = start + len(self._closing)
            self._closing = ""
            if text[:start]:
                yield self._reasoning(text[:start])
            yield from self._answer(text[end:])
            return
        cut = len(text) - _partial_tag(text, self._closing)
        self._held = text[cut:]
        if text[:cut]:
            self._tagged.append(text[:cut])
            yield self._reasoning(text[:cut])

    def _reasoning(self, text: str) -> Reasoning:
        self.has_reasoning = True
        return Reasoning(text)

    def _answer(self, text: str) -> Iterator[str]:
        if self.has_reasoning and not self._answers:
            text = text.lstrip()
        if text:
            self._answers.append(text)
            yield text


def _may_begin_tag(text: str) -> bool:
    """Return whether more text could make this the opening tag of reasoning."""
    start = text.lstrip().lower()
    return len(start) < _LONGEST_TAG and any(
        f"<{name}>".startswith(start) for name in _NAMES
    )


def _partial_tag(text: str, tag: str) -> int:
    """Return how many characters at the end of `text` may begin `tag`."""
    lower = text.lower()
    sizes = range(min(len(tag) - 1, len(text)), 0, -1)
    return next((size for size in sizes if lower.endswith(tag[:size])), 0)


def of_message(message: Mapping[str, Any]) -> str:
    """Return the reasoning in a message of OpenAI's API, which has no field for it.

    `reasoning_content` (DeepSeek, vLLM, Qwen), `reasoning` (OpenRouter, Groq), or parts
    of the content (Mistral).
    """
    for name in _FIELDS:
        value = message.get(name)
        if isinstance(value, str) and value:
            return value
    content = message.get("content")
    if isinstance(content, str):  # nearly always
        return ""
    return "".join(_text_of(part) for part in _parts(content) if _is_reasoning(part))


def text_of_content(content: Any) -> str:
    """Return the text of a message's content: a text, or a list of parts."""
    if isinstance(content, str):
        return content
    return "".join(
        _text_of(part) for part in _parts(content) if not _is_reasoning(part)
    )


def _parts(content: Any) -> list[Any]:
    if isinstance(content, list):
        return content
    return [content] if isinstance(content, Mapping) else []


def _is_reasoning(part: Any) -> bool:
    kind = str(part.get("type", "")) if isinstance(part, Mapping) else ""
    return "thinking" in kind or "reasoning" in kind


def _text_of(part: Any) -> str:
    if isinstance(part, str):
        return part
    if not isinstance(part, Mapping):
        return ""
    values = (part.get(name) for name in ("text", "thinking", "reasoning", "content"))
    value = next((value for value in values if isinstance(value, str | list)), "")
    return value if isinstance(value, str) else "".join(map(_text_of, value))
