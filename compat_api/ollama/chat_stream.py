"""Answers of `/api/chat` and `/api/generate`: a stream of lines, or one object."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from pydantic_core import to_json

from compat_api.chat import source_list
from compat_api.ollama import context_field, tool_messages
from retrieval.context.references import Reference
from retrieval.llm.base import Message, ToolCall
from retrieval.llm.errors import LLMError
from retrieval.query import token_usage
from retrieval.query.events import (
    Answer,
    Delta,
    Event,
    Finished,
    ReasoningDelta,
    References,
)
from retrieval.query.token_usage import Usage

logger = logging.getLogger(__name__)
MEDIA_TYPE = "application/x-ndjson"


class AnswerTimer:
    """Measure an answer from the creation of this object."""

    def __init__(self) -> None:
        self._started = time.monotonic_ns()
        self._first_text = 0

    def mark_text(self) -> None:
        """Record that text has arrived; only the first call has an effect."""
        self._first_text = self._first_text or time.monotonic_ns()

    def total(self) -> int:
        """Return the nanoseconds since the start."""
        return time.monotonic_ns() - self._started

    def statistics(self, used: Usage) -> dict[str, int]:
        """Return the durations and token counts of Ollama's last line."""
        now = time.monotonic_ns()
        first_text = self._first_text or now
        return {
            "total_duration": now - self._started,
            "load_duration": 0,
            "prompt_eval_count": used.prompt,
            "prompt_eval_duration": first_text - self._started,
            "eval_count": used.completion,
            "eval_duration": now - first_text,
        }


def now() -> str:
    """Return the current time in Ollama's form."""
    return datetime.now(UTC).isoformat().replace("+00:00", "Z")


@dataclass(frozen=True, slots=True)
class Envelope:
    """The form of an answer: a `message` for chat, a `response` for generate.

    `context` are the messages of a `generate` request and of those before it; `thinks`:
    the client wants the model's reasoning.
    """

    model: str
    in_message: bool
    context: tuple[Message, ...] = ()
    thinks: bool = True
    timer: AnswerTimer = field(default_factory=AnswerTimer)

    def part(self, text: str) -> dict[str, Any]:
        """Return a part of the answer."""
        return self.content(text) | {"done": False}

    def tool_calls(self, calls: Sequence[ToolCall]) -> dict[str, Any]:
        """Return a part of the answer with tool calls."""
        return self.content("", calls) | {"done": False}

    def end(self, result: Answer | Finished, used: Usage) -> dict[str, Any]:
        """Return the end of the answer, without text: the reason and the statistics."""
        reason = "length" if result.truncated else "stop"
        return {"done": True, "done_reason": reason, **self.timer.statistics(used)}

    def references(self, references: Sequence[Reference]) -> dict[str, Any]:
        """Return the files that a chat's answer is based on, an addition to Ollama's API."""
        return {"references": source_list.files(references)} if self.in_message else {}

    def next_context(self, text: str) -> dict[str, Any]:
        """Return the `context` that a later `generate` request can send."""
        if self.in_message:
            return {}
        return {
            "context": context_field.encode((*self.context, Message("assistant", text)))
        }

    def content(
        self, text: str, calls: Sequence[ToolCall] = (), thinking: str = ""
    ) -> dict[str, Any]:
        """Return the fields with a text; `thinking` is the model's reasoning."""
        fields: dict[str, Any] = {"model": self.model, "created_at": now()}
        thoughts = {"thinking": thinking} if thinking and self.thinks else {}
        if not self.in_message:
            return {**fields, "response": text, **thoughts}
        message: dict[str, Any] = {"role": "assistant", "content": text}
        message |= {"images": None, **thoughts}
        if calls:
            message["tool_calls"] = [tool_messages.shape(call) for call in calls]
        return {**fields, "message": message}


def whole(envelope: Envelope, result: Answer) -> dict[str, Any]:
    """Return the whole answer as one object."""
    envelope.timer.mark_text()
    return {
        **envelope.content(result.text, result.tool_calls, result.reasoning),
        **envelope.next_context(result.text),
        **envelope.end(result, token_usage.of(result)),
        **envelope.references(result.references),
    }


async def lines(
    envelope: Envelope, events: AsyncGenerator[Event, None]
) -> AsyncGenerator[bytes, None]:
    """Yield one line per part; a failure is also a line, as in LightRAG."""
    async with aclosing(objects(envelope, events)) as parts:
        try:
            async for part in parts:
                yield as_line(part)
        except LLMError as error:
            logger.warning("A model failed in the middle of a stream: %s", error)
            yield as_line(envelope.part(f"\n\nError: {error}") | {"error": str(error)})
            yield as_line(envelope.content("") | {"done": True, "done_reason": "error"})


async def objects(
    envelope: Envelope, events: AsyncGenerator[Event, None]
) -> AsyncGenerator[dict[str, Any], None]:
    """Yield the parts of the answer, and then the last object."""
    texts: list[str] = []
    references: tuple[Reference, ...] = ()
    async with aclosing(events):
        async for event in events:
            match event:
                case References(references) if references and envelope.in_message:
                    yield envelope.part("") | envelope.references(references)
                case ReasoningDelta(thought) if envelope.thinks:
                    yield envelope.content("", (), thought) | {"done": False}
                case Delta(text):
                    envelope.timer.mark_text()
                    texts.append(text)
                    yield envelope.part(text)
                case Finished():
                    text = "".join(texts)
                    if event.tool_calls:
                        yield envelope.tool_calls(event.tool_calls)
                    yield {
                        **envelope.content(""),
                        **envelope.next_context(text),
                        **envelope.end(event, token_usage.of_stream(event, text)),
                        **envelope.references(references),
                    }


def as_line(item: dict[str, Any]) -> bytes:
    return to_json(item) + b"\n"
