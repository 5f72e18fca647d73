"""An answer in Ollama's objects: one, or a line each and the statistics on the last."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import to_json

from compat_api.ollama import stopwatch
from compat_api.ollama.stopwatch import Stopwatch
from retrieval import usage
from retrieval.events import Answer, Delta, Event, Finished
from retrieval.llm.errors import LLMError
from retrieval.usage import Usage

logger = logging.getLogger(__name__)
MEDIA_TYPE = "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class Speech:
    """How one answer is told: in a `message`, or as a bare `response`."""

    model: str
    in_message: bool
    watch: Stopwatch = field(default_factory=Stopwatch)

    def piece(self, text: str) -> dict[str, Any]:
        """A part of the answer."""
        return self._said(text) | {"done": False}

    def end(self, text: str, used: Usage, *, truncated: bool) -> dict[str, Any]:
        """The last object."""
        reason = "length" if truncated else "stop"
        told = self._said(text) | {"done": True, "done_reason": reason}
        context: dict[str, Any] = {} if self.in_message else {"context": []}
        return told | context | self.watch.statistics(used)

    def _said(self, text: str) -> dict[str, Any]:
        told = {"model": self.model, "created_at": stopwatch.now()}
        if self.in_message:
            message = {"role": "assistant", "content": text, "images": None}
            return told | {"message": message}
        return told | {"response": text}


def whole(speech: Speech, found: Answer) -> dict[str, Any]:
    """The whole answer in one object."""
    speech.watch.words()
    return speech.end(found.text, usage.of(found), truncated=found.truncated)


async def lines(
    speech: Speech, events: AsyncGenerator[Event, None]
) -> AsyncGenerator[bytes, None]:
    """A line a piece; a failure on its way is a line too, as upstream tells it."""
    async with aclosing(objects(speech, events)) as told:
        try:
            async for one in told:
                yield as_line(one)
        except LLMError as error:
            logger.warning("A model failed in the middle of a stream: %s", error)
            yield as_line(speech.piece(f"\n\nError: {error}") | {"error": str(error)})
            yield as_line({"model": speech.model, "done": True})


async def objects(
    speech: Speech, events: AsyncGenerator[Event, None]
) -> AsyncGenerator[dict[str, Any], None]:
    """The pieces, and the end."""
    said: list[str] = []
    async with aclosing(events):
        async for event in events:
            match event:
                case Delta(text):
                    speech.watch.words()
                    said.append(text)
                    yield speech.piece(text)
                case Finished():
                    used = usage.of_stream(event, "".join(said))
                    yield speech.end("", used, truncated=event.truncated)


def as_line(one: dict[str, Any]) -> bytes:
    return to_json(one) + b"\n"
