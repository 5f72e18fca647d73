"""A streamed response: OpenAI's events with sequence numbers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from itertools import count

from compat_api.openai import response_events, sse, stored_items
from compat_api.openai.response_events import EventData
from compat_api.openai.response_schemas import ResponseEnvelope, ResponseResult
from documents.models import Workspace
from retrieval.context.references import Reference
from retrieval.llm.errors import LLMError
from retrieval.query import token_usage
from retrieval.query.events import Delta, Event, Finished, References

LAST_EVENTS = ("response.completed", "response.incomplete")
logger = logging.getLogger(__name__)


async def sse_events(
    envelope: ResponseEnvelope,
    events: AsyncGenerator[Event, None],
    workspace: Workspace,
) -> AsyncGenerator[bytes, None]:
    """Yield the stream. A later failure is its last event.

    The output is stored before its last event, so that the next request can name it.
    """
    numbers = count()
    async with aclosing(unnumbered(envelope, events)) as stream:
        try:
            async for event in stream:
                if event["type"] in LAST_EVENTS and envelope.body.store is not False:
                    await stored_items.store(workspace, event["response"]["output"])
                yield sse.event(event | {"sequence_number": next(numbers)})
        except LLMError as error:
            logger.warning("A model failed in the middle of a stream: %s", error)
            failed = response_events.failure(envelope, error)
            yield sse.event(failed | {"sequence_number": next(numbers)})


async def unnumbered(
    envelope: ResponseEnvelope, events: AsyncGenerator[Event, None]
) -> AsyncGenerator[EventData, None]:
    """Yield the events without numbers; an answer of only calls has no text events."""
    texts: list[str] = []
    references: tuple[Reference, ...] = ()
    for item in response_events.opening(envelope):
        yield item
    async with aclosing(events):
        async for event in events:
            match event:
                case References(references):
                    pass
                case Delta(text):
                    for item in () if texts else response_events.opening_text(envelope):
                        yield item
                    texts.append(text)
                    yield response_events.delta(envelope, text)
                case Finished():
                    last = await asyncio.to_thread(
                        ending, envelope, "".join(texts), references, event
                    )
                    for item in last:
                        yield item


def ending(
    envelope: ResponseEnvelope,
    text: str,
    references: tuple[Reference, ...],
    event: Finished,
) -> list[EventData]:
    """Return the events after the last text."""
    used = token_usage.of_stream(event, text)
    result = ResponseResult(
        text, references, used, event.truncated, event.tool_calls, event.verdicts
    )
    last = list(response_events.closing(envelope, result))
    return [*response_events.closing_text(envelope, result), *last] if text else last
