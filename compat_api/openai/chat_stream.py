"""A streamed chat completion: text, then citations and usage with the last chunks."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from compat_api.chat import source_list
from compat_api.openai import annotations as openai_annotations
from compat_api.openai import errors, sse, tools
from retrieval.context.references import Reference
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


@dataclass(frozen=True, slots=True)
class Envelope:
    """The fields that all chunks of one completion share.

    `pages` is the address below which the pages of documents are.
    """

    id: str
    created: int
    model: str
    pages: str

    def chunk(
        self, delta: dict[str, Any], finish_reason: str | None = None
    ) -> dict[str, Any]:
        choice = {
            "index": 0,
            "delta": delta,
            "logprobs": None,
            "finish_reason": finish_reason,
        }
        return self.with_choices([choice])

    def with_choices(self, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "choices": choices,
        }


async def sse_events(
    envelope: Envelope, events: AsyncGenerator[Event, None], *, with_usage: bool
) -> AsyncGenerator[bytes, None]:
    """Yield the stream. A later failure is its last line, which OpenAI's SDK raises."""
    defaults: dict[str, Any] = {"usage": None} if with_usage else {}
    async with aclosing(chunks(envelope, events, with_usage=with_usage)) as objects:
        try:
            async for chunk in objects:
                yield sse.data(defaults | chunk)
        except LLMError as error:
            logger.warning("A model failed in the middle of a stream: %s", error)
            yield sse.data(errors.body(str(error), errors.llm_error_kind(error)))
            return
    yield sse.DONE


async def chunks(
    envelope: Envelope, events: AsyncGenerator[Event, None], *, with_usage: bool
) -> AsyncGenerator[dict[str, Any], None]:
    """Yield OpenAI's chunks: the first with the role, the last with the citations."""
    texts: list[str] = []
    references: tuple[Reference, ...] = ()
    yield envelope.chunk({"role": "assistant", "content": "", "refusal": None})
    async with aclosing(events):
        async for event in events:
            match event:
                case References(references):
                    files = source_list.files(references)
                    yield envelope.chunk({"content": ""}) | {"references": files}
                case ReasoningDelta(thought):
                    yield envelope.chunk({"reasoning_content": thought})
                case Delta(text):
                    texts.append(text)
                    yield envelope.chunk({"content": text})
                case Finished():
                    text = "".join(texts)
                    if event.tool_calls:
                        yield envelope.chunk(tool_calls_delta(event))
                    yield await asyncio.to_thread(
                        last_chunk, envelope, event, text, references
                    )
                    if with_usage:
                        used = token_usage.of_stream(event, text)
                        yield envelope.with_choices([]) | {"usage": usage_shape(used)}


def tool_calls_delta(finished: Finished) -> dict[str, Any]:
    """Return the delta with all tool calls."""
    calls = enumerate(finished.tool_calls)
    return {"tool_calls": [{"index": n} | tools.shape(call) for n, call in calls]}


def finish_reason(result: Answer | Finished) -> str:
    """Return OpenAI's reason why the model stopped."""
    if result.tool_calls:
        return "tool_calls"
    return "length" if result.truncated else "stop"


def last_chunk(
    envelope: Envelope, finished: Finished, text: str, references: tuple[Reference, ...]
) -> dict[str, Any]:
    """Return the last chunk of the answer; `references` are an addition."""
    delta = {
        "annotations": openai_annotations.of_message(
            text, references, envelope.pages, finished.verdicts
        )
    }
    chunk = envelope.chunk(delta, finish_reason(finished))
    return chunk | {"references": source_list.files(references)}


def usage_shape(used: Usage) -> dict[str, Any]:
    """Return the token usage in OpenAI's form."""
    return {
        "prompt_tokens": used.prompt,
        "completion_tokens": used.completion,
        "total_tokens": used.total,
    }
