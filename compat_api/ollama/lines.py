"""An answer in Ollama's objects: one, or a line each and the statistics on the last."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any

from pydantic_core import to_json

from compat_api.ollama import durations, model_state, tool_messages
from compat_api.ollama.durations import Stopwatch
from retrieval.llm.base import Message, ToolCall
from retrieval.llm.errors import LLMError
from retrieval.query import token_usage
from retrieval.query.events import Answer, Delta, Event, Finished
from retrieval.query.token_usage import Usage

logger = logging.getLogger(__name__)
MEDIA_TYPE = "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class Speech:
    """How one answer is told: in a `message`, or as a bare `response`.

    `before` is what a `generate` was asked, and all that came before that.
    """

    model: str
    in_message: bool
    before: tuple[Message, ...] = ()
    watch: Stopwatch = field(default_factory=Stopwatch)

    def piece(self, text: str) -> dict[str, Any]:
        """A part of the answer."""
        return self.said(text) | {"done": False}

    def calls(self, calls: Sequence[ToolCall]) -> dict[str, Any]:
        """What the model wants called, a part of its answer."""
        return self.said("", calls) | {"done": False}

    def end(self, found: Answer | Finished, used: Usage) -> dict[str, Any]:
        """The last object but for its text: why it ended, and the statistics."""
        reason = "length" if found.truncated else "stop"
        return {"done": True, "done_reason": reason, **self.watch.statistics(used)}

    def remembered(self, text: str) -> dict[str, Any]:
        """What a later `generate` may go on from."""
        if self.in_message:
            return {}
        return {"context": model_state.kept((*self.before, Message("assistant", text)))}

    def said(self, text: str, calls: Sequence[ToolCall] = ()) -> dict[str, Any]:
        told = {"model": self.model, "created_at": durations.now()}
        if self.in_message:
            message = {"role": "assistant", "content": text, "images": None}
            called = [tool_messages.shape(call) for call in calls]
            return told | {
                "message": message | ({"tool_calls": called} if called else {})
            }
        return told | {"response": text}


def whole(speech: Speech, found: Answer) -> dict[str, Any]:
    """The whole answer in one object."""
    speech.watch.words()
    said = speech.said(found.text, found.tool_calls)
    return (
        said | speech.remembered(found.text) | speech.end(found, token_usage.of(found))
    )


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
                    text = "".join(said)
                    if event.tool_calls:
                        yield speech.calls(event.tool_calls)
                    last = speech.end(event, token_usage.of_stream(event, text))
                    yield speech.said("") | speech.remembered(text) | last


def as_line(one: dict[str, Any]) -> bytes:
    return to_json(one) + b"\n"
