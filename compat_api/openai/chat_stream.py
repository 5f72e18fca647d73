"""A chat completion as it is made: chunks, the citations on the last, the usage."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

from compat_api.openai import annotations as openai_annotations
from compat_api.openai import errors, sse, tools
from retrieval.context.references import Reference
from retrieval.llm.errors import LLMError
from retrieval.query import token_usage
from retrieval.query.events import Answer, Delta, Event, Finished, References
from retrieval.query.token_usage import Usage

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Frame:
    """What every chunk of one completion says alike."""

    id: str
    created: int
    model: str

    def chunk(
        self, delta: dict[str, Any], finish_reason: str | None = None
    ) -> dict[str, Any]:
        choice = {
            "index": 0,
            "delta": delta,
            "logprobs": None,
            "finish_reason": finish_reason,
        }
        return self.bare([choice])

    def bare(self, choices: list[dict[str, Any]]) -> dict[str, Any]:
        return {
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "choices": choices,
        }


async def lines(
    frame: Frame, events: AsyncGenerator[Event, None], *, with_usage: bool
) -> AsyncGenerator[bytes, None]:
    """The stream; a failure on its way is its last line, which the SDK raises."""
    spoken: dict[str, Any] = {"usage": None} if with_usage else {}
    async with aclosing(chunks(frame, events, with_usage=with_usage)) as made:
        try:
            async for one in made:
                yield sse.data(spoken | one)
        except LLMError as error:
            logger.warning("A model failed in the middle of a stream: %s", error)
            yield sse.data(errors.body(str(error), errors.llm_shape(error)))
            return
    yield sse.DONE


async def chunks(
    frame: Frame, events: AsyncGenerator[Event, None], *, with_usage: bool
) -> AsyncGenerator[dict[str, Any], None]:
    """OpenAI's objects, the first with the role, the last with citations."""
    said: list[str] = []
    listed: tuple[Reference, ...] = ()
    yield frame.chunk({"role": "assistant", "content": "", "refusal": None})
    async with aclosing(events):
        async for event in events:
            match event:
                case References(listed):
                    pass
                case Delta(text):
                    said.append(text)
                    yield frame.chunk({"content": text})
                case Finished():
                    text = "".join(said)
                    if event.tool_calls:
                        yield frame.chunk(called(event))
                    yield last(frame, event, text, listed)
                    if with_usage:
                        used = token_usage.of_stream(event, text)
                        yield frame.bare([]) | {"usage": usage_shape(used)}


def called(finished: Finished) -> dict[str, Any]:
    """The delta of all that the model wants called."""
    calls = enumerate(finished.tool_calls)
    return {"tool_calls": [{"index": n} | tools.shape(call) for n, call in calls]}


def finish_reason(found: Answer | Finished) -> str:
    """Why the model stopped."""
    if found.tool_calls:
        return "tool_calls"
    return "length" if found.truncated else "stop"


def last(
    frame: Frame, finished: Finished, text: str, listed: tuple[Reference, ...]
) -> dict[str, Any]:
    """The chunk that ends the answer; `references` are ours."""
    delta = {"annotations": openai_annotations.of_message(text, listed)}
    chunk = frame.chunk(delta, finish_reason(finished))
    return chunk | {"references": openai_annotations.references(listed)}


def usage_shape(used: Usage) -> dict[str, Any]:
    """OpenAI's object of what was spent."""
    return {
        "prompt_tokens": used.prompt,
        "completion_tokens": used.completion,
        "total_tokens": used.total,
    }
