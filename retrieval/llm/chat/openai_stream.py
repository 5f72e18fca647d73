"""Parsing of a streamed answer of OpenAI's API from the received bytes.

Text that arrives together is also passed on together. docs/adr/0007-sse-reader.md
compares this reader with the stream of the `openai` package.
"""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator, AsyncIterable, Iterable, Mapping
from typing import Any

from pydantic_core import from_json

from retrieval.llm.base import Ending
from retrieval.llm.chat.reasoning import ReasoningJoiner, reasoning_of
from retrieval.llm.chat.tool_calls import ToolCallAssembler
from retrieval.llm.clients import openai_errors
from retrieval.llm.errors import BadAnswer, RequestRefused

_DATA = b"data:"
_DONE = b"[DONE]"
_SURROGATE = re.compile(rb"\\u[dD][89a-fA-F][0-9a-fA-F]{2}")


async def events(parts: AsyncIterable[bytes]) -> AsyncGenerator[list[bytes], None]:
    """Yield the data of server-sent events; a list has those that arrived together."""
    incomplete = b""
    async for part in parts:
        *lines, incomplete = (incomplete + part).split(b"\n")
        if batch := _data(lines):
            yield batch
    if batch := _data([incomplete]):
        yield batch


def _data(lines: Iterable[bytes]) -> list[bytes]:
    return [line[len(_DATA) :].strip() for line in lines if line.startswith(_DATA)]


def _parse(data: bytes) -> Any:
    """Return the JSON value; a lone surrogate from the provider becomes U+FFFD."""
    try:
        return from_json(data)
    except ValueError:
        return from_json(_SURROGATE.sub(rb"\\ufffd", data))


class StreamReader:
    """Parses the events of one answer; its errors begin with `label`."""

    def __init__(self, label: str) -> None:
        self._label = label
        self._joiner = ReasoningJoiner()
        self._tool_calls = ToolCallAssembler()
        self._usage: Mapping[str, Any] = {}
        self._reason = ""
        self._refusal = ""

    def text(self, batch: Iterable[bytes]) -> str:
        """Return the text of these events; raise the error that the provider sent."""
        return "".join(
            self._text(self._object(data)) for data in batch if data != _DONE
        )

    def close(self) -> str:
        """Return the text that is due after the last event."""
        return self._joiner.close()

    def ending(self) -> Ending:
        """Return the Ending; raise BadAnswer or RequestRefused if there was no answer."""
        calls = self._tool_calls.calls()
        if not self._joiner.has_answer and not calls:
            if self._refusal or self._reason == "content_filter":
                reason = self._refusal or "filtered content"
                raise RequestRefused(f"{self._label}: {reason}")
            raise BadAnswer(f"{self._label}: the answer is empty.")
        return Ending(
            self._usage.get("prompt_tokens") or 0,
            self._usage.get("completion_tokens") or 0,
            self._reason == "length",
            calls,
        )

    def _object(self, data: bytes) -> dict[str, Any]:
        try:
            value = _parse(data)
        except ValueError as error:
            message = f"{self._label}: an event of the answer is not JSON: {error}"
            raise BadAnswer(message) from error
        if not isinstance(value, dict):
            raise BadAnswer(
                f"{self._label}: an event of the answer is not an object: {value!r}"
            )
        if value.get("error"):
            raise openai_errors.from_stream(value["error"], self._label)
        return value

    def _text(self, chunk: dict[str, Any]) -> str:
        self._usage = chunk.get("usage") or self._usage
        choices = chunk.get("choices")
        if not choices:
            return ""
        choice = choices[0]
        self._reason = choice.get("finish_reason") or self._reason
        delta = choice.get("delta") or {}
        if delta.get("tool_calls"):
            self._tool_calls.add(delta["tool_calls"])
        self._refusal += delta.get("refusal") or ""
        return self._joiner.piece(reasoning_of(delta), delta.get("content") or "")
