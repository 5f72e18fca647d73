"""A streamed answer of OpenAI's API, read from the bytes as they arrive.

The `openai` package makes a tree of objects of every token, for 90 µs of processor time
each (3.54): two hundred answers at once, of 50 tokens a second, would fill a core with
nothing else. What arrives together is also passed on together.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Mapping
from typing import Any

from pydantic_core import from_json

from retrieval.llm.base import Ending
from retrieval.llm.chat.reasoning import Thinking, thought
from retrieval.llm.chat.tool_calls import CallParts
from retrieval.llm.clients import openai_errors
from retrieval.llm.errors import BadAnswer, RequestRefused

_DATA = b"data:"
_DONE = b"[DONE]"
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


async def events(parts: AsyncIterable[bytes]) -> AsyncGenerator[list[bytes], None]:
    """The data of server-sent events, those that arrived together in one list."""
    rest = b""
    async for part in parts:
        *lines, rest = (rest + part).split(b"\n")
        if found := _data(lines):
            yield found
    if found := _data([rest]):
        yield found


def _data(lines: Iterable[bytes]) -> list[bytes]:
    return [line[len(_DATA) :].strip() for line in lines if line.startswith(_DATA)]


def _parsed(data: bytes) -> Any:
    """The JSON value; half a character, cut by the provider, becomes U+FFFD."""
    try:
        return from_json(data)
    except ValueError:
        return from_json(_SURROGATE.sub(rb"\\ufffd", data))


class StreamReader:
    """Reads the events of one answer; `where` begins the text of its errors."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._thinking = Thinking()
        self._calls = CallParts()
        self._usage: Mapping[str, Any] = {}
        self._reason = ""
        self._refusal = ""

    def words(self, found: Iterable[bytes]) -> str:
        """What they say of the answer's text; raises the provider's own error."""
        return "".join(self._words(self._object(one)) for one in found if one != _DONE)

    def rest(self) -> str:
        """What is to be said when there are no more of them."""
        return self._thinking.end()

    def ending(self) -> Ending:
        """How it ended; raises BadAnswer or RequestRefused where nothing was said."""
        calls = self._calls.whole()
        if not self._thinking.said_something and not calls:
            if self._refusal or self._reason == "content_filter":
                said = self._refusal or "filtered content"
                raise RequestRefused(f"{self._label}: {said}")
            raise BadAnswer(f"{self._label}: the answer is empty.")
        return Ending(
            self._usage.get("prompt_tokens") or 0,
            self._usage.get("completion_tokens") or 0,
            self._reason == "length",
            calls,
        )

    def _object(self, data: bytes) -> dict[str, Any]:
        try:
            found = _parsed(data)
        except ValueError as error:
            said = f"{self._label}: a piece of the answer is not JSON: {error}"
            raise BadAnswer(said) from error
        if not isinstance(found, dict):
            raise BadAnswer(f"{self._label}: a piece of the answer is {found!r}")
        if found.get("error"):
            raise openai_errors.in_stream(found["error"], self._label)
        return found

    def _words(self, chunk: dict[str, Any]) -> str:
        self._usage = chunk.get("usage") or self._usage
        choices = chunk.get("choices")
        if not choices:
            return ""
        choice = choices[0]
        self._reason = choice.get("finish_reason") or self._reason
        delta = choice.get("delta") or {}
        if delta.get("tool_calls"):
            self._calls.add(delta["tool_calls"])
        self._refusal += delta.get("refusal") or ""
        return self._thinking.piece(thought(delta), delta.get("content") or "")
