"""Parsing of an answer of OpenAI's API: whole, or streamed as received bytes.

Text that arrives together is also passed on together. docs/adr/0007-sse-reader.md
compares this reader with the stream of the `openai` package.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Iterator, Mapping
from itertools import chain, groupby, starmap
from typing import Any

from pydantic_core import from_json

from retrieval.llm import reasoning
from retrieval.llm.base import Ending, Piece
from retrieval.llm.chat.tool_calls import ToolCallAssembler
from retrieval.llm.clients import error_bodies
from retrieval.llm.errors import BadAnswer, EmptyAnswer, RequestRefused
from retrieval.llm.reasoning import ReasoningSplitter

Delta = tuple[str, str]
"""The reasoning and the text of an event."""

_DATA = b"data:"
_DONE = b"[DONE]"
_FIELD = re.compile(rb"(?:event|id|retry)?:")
"""Other lines of server-sent events; one that begins with a colon is a comment."""
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")
_TRUNCATED = {"length", "max_tokens", "model_length", "max_output_tokens"}
_FILTERED = {"content_filter", "safety", "sensitive"}
_QUOTED = 300
"""Upper bound on the characters of an answer quoted in an error."""


async def events(parts: AsyncIterable[bytes]) -> AsyncGenerator[list[bytes], None]:
    """Yield the data of server-sent events; a list has those that arrived together.

    A body without events is yielded as a whole: some servers answer a request for a
    stream with one JSON object.
    """
    incomplete, other, has_data = b"", [], False
    async for part in parts:
        *lines, incomplete = (incomplete + part).split(b"\n")
        if batch := _data(lines):
            has_data = True
            yield batch
        elif not has_data:
            other += [line for line in lines if not _FIELD.match(line)]
    if batch := _data([incomplete]):
        yield batch
    elif not has_data and (body := b"\n".join([*other, incomplete]).strip()):
        yield [body]


def _data(lines: Iterable[bytes]) -> list[bytes]:
    return [line[len(_DATA) :].strip() for line in lines if line.startswith(_DATA)]


def _parse(data: bytes) -> Any:
    """Return the JSON value; a lone surrogate from the provider becomes U+FFFD."""
    try:
        return from_json(data)
    except ValueError:
        return from_json(_SURROGATE.sub(rb"\\ufffd", data))


class AnswerReader:
    """Parses the events of one answer, or its only object; errors begin with `label`."""

    def __init__(self, label: str, *, reasoning_is_open: bool = False) -> None:
        self._label = label
        self._splitter = ReasoningSplitter(is_open=reasoning_is_open)
        self._tool_calls = ToolCallAssembler()
        self._usage: Mapping[str, Any] = {}
        self._reason = ""
        self._refusal = ""

    @property
    def was_only_closed(self) -> bool:
        """Whether the answer begins with reasoning that has no opening tag."""
        return self._splitter.was_only_closed

    def pieces(self, batch: Iterable[bytes]) -> list[Piece]:
        """Return the pieces of these events; raise the error that the provider sent."""
        deltas = [self._delta(self._object(data)) for data in batch if data != _DONE]
        return list(
            chain.from_iterable(starmap(self._splitter.pieces, _joined(deltas)))
        )

    def close(self) -> list[Piece]:
        """Return the pieces that are due after the last event, the Ending last.

        Raises BadAnswer or RequestRefused if there was no answer.
        """
        truncated = self._reason in _TRUNCATED
        last = list(self._splitter.close(truncated=truncated))
        calls = self._tool_calls.calls()
        if not self._splitter.has_answer and not calls:
            self._raise_empty()
        prompt, completion = (
            _count(self._usage.get(name))
            for name in ("prompt_tokens", "completion_tokens")
        )
        return [*last, Ending(prompt, completion, truncated, calls)]

    def _raise_empty(self) -> None:
        if self._refusal or self._reason in _FILTERED:
            raise RequestRefused(
                f"{self._label}: {self._refusal or 'filtered content'}"
            )
        message = f"{self._label}: the answer is empty"
        if self._reason:
            message += f" (finish_reason {self._reason})"
        if self._reason in _TRUNCATED:  # another response format would not help
            reasoning = "reasoning used all tokens" * self._splitter.has_reasoning
            message += f": {reasoning or 'no token was allowed'}; raise its max_tokens"
            raise BadAnswer(message)
        raise EmptyAnswer(f"{message}.")

    def _object(self, data: bytes) -> dict[str, Any]:
        try:
            value = _parse(data)
        except ValueError as error:
            text = data[:_QUOTED].decode(errors="replace")
            raise BadAnswer(f"{self._label}: the answer is not JSON: {text}") from error
        if not isinstance(value, dict):
            if error_bodies.has_error(value):
                raise error_bodies.as_error(value, self._label)
            quoted = str(value)[:_QUOTED]
            raise BadAnswer(f"{self._label}: the answer is not a JSON object: {quoted}")
        if value.get("error"):
            raise error_bodies.as_error(value, self._label)
        return value

    def _delta(self, chunk: dict[str, Any]) -> Delta:
        """Return the reasoning and text of a chunk, whose message may be whole."""
        self._usage = chunk.get("usage") or self._usage
        choices = chunk.get("choices")
        if not choices:
            if "choices" not in chunk or choices is None:
                self._raise_error(chunk)
            return "", ""
        choice = choices[0] if isinstance(choices, list) else choices
        if not isinstance(choice, dict):
            quoted = str(chunk)[:_QUOTED]
            raise BadAnswer(f"{self._label}: no answer in {quoted}")
        if choice.get("error"):
            raise error_bodies.as_error(choice, self._label)
        self._reason = str(choice.get("finish_reason") or self._reason).lower()
        message = choice.get("delta") or choice.get("message") or {}
        if message.get("tool_calls"):
            self._tool_calls.add(message["tool_calls"])
        self._refusal += message.get("refusal") or ""
        text = reasoning.text_of_content(message.get("content") or choice.get("text"))
        return reasoning.of_message(message), text

    def _raise_error(self, body: dict[str, Any]) -> None:
        """Raise the error in an object that has no choices, if it reports one."""
        if error_bodies.has_error(body):
            raise error_bodies.as_error(body, self._label)


def _joined(deltas: Iterable[Delta]) -> Iterator[Delta]:
    """Join adjacent deltas that have text only, or reasoning only."""
    for (has_reasoning, has_text), group in groupby(deltas, key=_kind):
        if has_reasoning and has_text:
            yield from group
        else:
            reasonings, texts = zip(*group, strict=True)
            yield "".join(reasonings), "".join(texts)


def _kind(delta: Delta) -> tuple[bool, bool]:
    return bool(delta[0]), bool(delta[1])


def _count(value: Any) -> int:
    return int(value) if isinstance(value, int | float) else 0
