"""An answer on its way to a client: begun before its status is sent, closed when it goes.

What a provider fails at before its first word can so be an HTTP error.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing

from django.http import StreamingHttpResponse

from compat_api.http import read_ahead
from compat_api.http.read_ahead import Lines
from documents.models import Workspace
from retrieval.query import answer
from retrieval.query.events import Delta, Event
from retrieval.search.params import QueryParams

HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}


async def begin(
    workspace: Workspace, params: QueryParams
) -> AsyncGenerator[Event, None]:
    """The answer's events, once its first words are there; raises what fails before."""
    events = answer.stream(workspace, params)
    held = []
    try:
        async for event in events:
            held.append(event)
            if isinstance(event, Delta):
                break
    except BaseException:
        await events.aclose()
        raise
    return _whole(held, events)


async def _whole(
    held: list[Event], rest: AsyncGenerator[Event, None]
) -> AsyncGenerator[Event, None]:
    async with aclosing(rest):
        for event in held:
            yield event
        async for event in rest:
            yield event


class LiveResponse(StreamingHttpResponse):
    """Closes what it sends from as soon as that ends or the client is gone.

    Django's own leaves an async generator to the garbage collector.
    """

    def __init__(self, lines: Lines, content_type: str) -> None:
        super().__init__(lines, content_type=content_type, headers=HEADERS)
        self._lines = lines

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async with aclosing(read_ahead.pieces(self._lines)) as pieces:
            async for piece in pieces:
                yield piece
