"""A response as it is made: OpenAI's events, numbered."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator
from contextlib import aclosing
from itertools import count

from compat_api.openai import response_events, sse
from compat_api.openai.response_events import Told
from compat_api.openai.response_schemas import ResponseFrame, Said
from retrieval.context.references import Reference
from retrieval.llm.errors import LLMError
from retrieval.query import token_usage
from retrieval.query.events import Delta, Event, Finished, References

logger = logging.getLogger(__name__)


async def lines(
    frame: ResponseFrame, events: AsyncGenerator[Event, None]
) -> AsyncGenerator[bytes, None]:
    """The stream; a failure on its way is its last event."""
    numbers = count()
    async with aclosing(told(frame, events)) as made:
        try:
            async for one in made:
                yield sse.event(one | {"sequence_number": next(numbers)})
        except LLMError as error:
            logger.warning("A model failed in the middle of a stream: %s", error)
            failed = response_events.failure(frame, error)
            yield sse.event(failed | {"sequence_number": next(numbers)})


async def told(
    frame: ResponseFrame, events: AsyncGenerator[Event, None]
) -> AsyncGenerator[Told, None]:
    """All events but for their numbers. An answer of calls alone opens no text."""
    said: list[str] = []
    listed: tuple[Reference, ...] = ()
    for one in response_events.opening(frame):
        yield one
    async with aclosing(events):
        async for event in events:
            match event:
                case References(listed):
                    pass
                case Delta(text):
                    for one in () if said else response_events.opening_text(frame):
                        yield one
                    said.append(text)
                    yield response_events.delta(frame, text)
                case Finished():
                    for one in ending(frame, "".join(said), listed, event):
                        yield one


def ending(
    frame: ResponseFrame, text: str, listed: tuple[Reference, ...], event: Finished
) -> list[Told]:
    """All that comes after the last word."""
    used = token_usage.of_stream(event, text)
    said = Said(text, listed, used, event.truncated, event.tool_calls)
    last = list(response_events.closing(frame, said))
    return [*response_events.closing_text(frame, said), *last] if text else last
