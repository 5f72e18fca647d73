"""Streamed responses: the status is sent with the first words of the answer.

A provider's failure before the first word therefore becomes an HTTP error. A client that
disconnects closes the stream, and with it the model's call.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing
from typing import TypeVar

from django.http import StreamingHttpResponse

from compat_api.http import read_ahead
from compat_api.http.read_ahead import Lines
from documents.models import Workspace
from retrieval.query import answer
from retrieval.query.events import Delta, Event
from retrieval.search.params import QueryParams

HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
Item = TypeVar("Item")


async def begin(
    workspace: Workspace, params: QueryParams
) -> AsyncGenerator[Event, None]:
    """Return the answer's events, held until the first words of the answer exist."""
    events = answer.stream(workspace, params)
    return await hold_until(events, lambda event: isinstance(event, Delta))


async def hold_until(
    items: AsyncGenerator[Item, None], starts_answer: Callable[[Item], bool]
) -> AsyncGenerator[Item, None]:
    """Return all of `items`, once one for which `starts_answer` is true has arrived.

    Raises what `items` raises before it.
    """
    held = []
    try:
        async for item in items:
            held.append(item)
            if starts_answer(item):
                break
    except BaseException:
        await items.aclose()
        raise
    return _resume(held, items)


async def _resume(
    held: list[Item], rest: AsyncGenerator[Item, None]
) -> AsyncGenerator[Item, None]:
    async with aclosing(rest):
        for item in held:
            yield item
        async for item in rest:
            yield item


class LiveResponse(StreamingHttpResponse):
    """A streaming response that closes its source when it ends or the client is gone.

    Django's own class leaves an async generator to the garbage collector.
    """

    def __init__(self, lines: Lines, content_type: str) -> None:
        super().__init__(lines, content_type=content_type, headers=HEADERS)
        self._lines = lines

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async with aclosing(read_ahead.pieces(self._lines)) as pieces:
            async for piece in pieces:
                yield piece
