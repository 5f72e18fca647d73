"""Streamed responses: sent as fast as the client reads, produced as fast as possible.

A stream is read ahead, so a model call ends when the model is done, not when the client
has read the answer. Lines that accumulate while the connection is busy are sent together.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, suppress
from typing import TypeVar

from django.http import StreamingHttpResponse

Item = TypeVar("Item")
Lines = AsyncGenerator[bytes, None] | AsyncGenerator[str, None]

HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
MAX_BUFFERED_BYTES = 2**20
"""Upper bound on bytes read ahead of the client; then the producer waits."""


async def hold_until(
    items: AsyncGenerator[Item, None], is_first: Callable[[Item], bool]
) -> AsyncGenerator[Item, None]:
    """Wait for the first item that fulfils `is_first`; return a stream of all items.

    An error before that item is raised here, while the response can still have an error
    status, and closes `items`.
    """
    held = []
    try:
        async for item in items:
            held.append(item)
            if is_first(item):
                break
    except BaseException:
        await items.aclose()
        raise
    return _chain(held, items)


async def _chain(
    held: list[Item], items: AsyncGenerator[Item, None]
) -> AsyncGenerator[Item, None]:
    async with aclosing(items):
        for item in held:
            yield item
        async for item in items:
            yield item


class StreamedResponse(StreamingHttpResponse):
    """Streaming response that closes its source at its end or when the client leaves.

    Django's own response leaves closing an async generator to the garbage collector.
    """

    def __init__(self, lines: Lines, content_type: str) -> None:
        super().__init__(lines, content_type=content_type, headers=HEADERS)
        self._lines = lines

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async with aclosing(read_ahead(self._lines)) as blocks:
            async for block in blocks:
                yield block


async def read_ahead(lines: Lines) -> AsyncGenerator[bytes, None]:
    """Yield what `lines` have produced since the last block; raise what they raise.

    Closing this generator closes `lines`.
    """
    buffer = _Buffer()
    reader = asyncio.create_task(_read(lines, buffer))
    try:
        while not (reader.done() and buffer.is_empty):
            await buffer.changed.wait()
            if not buffer.is_empty:
                yield buffer.take()
        await reader
    finally:
        reader.cancel()
        with suppress(asyncio.CancelledError):
            await reader


async def _read(lines: Lines, buffer: _Buffer) -> None:
    try:
        async with aclosing(lines):
            async for line in lines:
                await buffer.put(line if isinstance(line, bytes) else line.encode())
    finally:
        buffer.changed.set()


class _Buffer:
    """Bytes between one task that puts and one that takes everything."""

    def __init__(self) -> None:
        self.changed = asyncio.Event()
        self._has_room = asyncio.Event()
        self._lines: list[bytes] = []
        self._size = 0

    @property
    def is_empty(self) -> bool:
        return not self._lines

    async def put(self, line: bytes) -> None:
        """Add a line; wait while the buffer is full."""
        while self._size > MAX_BUFFERED_BYTES:
            self._has_room.clear()
            await self._has_room.wait()
        self._lines.append(line)
        self._size += len(line)
        self.changed.set()

    def take(self) -> bytes:
        """Return and remove all bytes."""
        taken = b"".join(self._lines)
        self._lines.clear()
        self._size = 0
        self.changed.clear()
        self._has_room.set()
        return taken
