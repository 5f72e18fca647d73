"""Streamed responses: sent as fast as the client reads, produced as fast as possible.

A stream is read ahead, so a model call ends when the model is done, not when the client
has read the answer. Lines that accumulate while the connection is busy are sent together.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import aclosing, suppress
from typing import Generic, TypeVar

from django.http import StreamingHttpResponse

Item = TypeVar("Item")
Lines = AsyncGenerator[bytes, None] | AsyncGenerator[str, None]

HEADERS = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
HOLD_SECONDS = 3.0
"""Time for the model's first word, or its error, before a stream begins without it."""
HEARTBEAT_SECONDS = 15.0
MAX_BUFFERED_BYTES = 2**20
"""Upper bound on bytes read ahead of the client; then the producer waits."""


async def hold_until(
    items: AsyncGenerator[Item, None],
    is_first: Callable[[Item], bool],
    may_begin: Callable[[Item], bool] = lambda _: False,
) -> AsyncGenerator[Item, None]:
    """Wait for the first item that fulfils `is_first`; return a stream of all items.

    An error before that item is raised here, while the response can still have an error
    status, and closes `items`. HOLD_SECONDS after an item that fulfils `may_begin`, the
    stream is returned without waiting longer.
    """
    reader = _HeldItems(items, is_first)
    first_items: list[Item] = []
    deadline: float | None = None
    try:
        while await reader.has_next(deadline):
            first_items.append(reader.next())
            if deadline is None and may_begin(first_items[-1]):
                deadline = asyncio.get_running_loop().time() + HOLD_SECONDS
    except BaseException:
        await reader.aclose()
        raise
    return _chain(first_items, reader)


class _HeldItems(Generic[Item]):
    """Reads items up to the first that fulfils `is_first`, in one task.

    The task gives all steps of the generator the same context variables.
    """

    def __init__(
        self, items: AsyncGenerator[Item, None], is_first: Callable[[Item], bool]
    ) -> None:
        self.items = items
        self._read_items: deque[Item] = deque()
        self._changed = asyncio.Event()
        self._task = asyncio.create_task(self._read(is_first))
        self._task.add_done_callback(lambda _: self._changed.set())

    async def _read(self, is_first: Callable[[Item], bool]) -> None:
        async for item in self.items:
            self._read_items.append(item)
            self._changed.set()
            if is_first(item):
                return

    async def has_next(self, deadline: float | None = None) -> bool:
        """Wait for an item; return False after the last one and at the deadline.

        Raises the error of the items.
        """
        while not self._read_items:
            if self._task.done():
                self._task.result()
                return False
            self._changed.clear()
            try:
                async with asyncio.timeout_at(deadline):
                    await self._changed.wait()
            except TimeoutError:
                return False
        return True

    def next(self) -> Item:
        return self._read_items.popleft()

    async def aclose(self) -> None:
        """End the task and close the items."""
        self._task.cancel()
        with suppress(asyncio.CancelledError, Exception):
            await self._task
        await self.items.aclose()


async def _chain(
    first_items: list[Item], reader: _HeldItems[Item]
) -> AsyncGenerator[Item, None]:
    async with aclosing(reader):
        for item in first_items:
            yield item
        while await reader.has_next():
            yield reader.next()
        async for item in reader.items:
            yield item


class StreamedResponse(StreamingHttpResponse):
    """Streaming response that closes its source at its end or when the client leaves.

    Django's own response leaves closing an async generator to the garbage collector.
    """

    def __init__(
        self,
        lines: Lines,
        content_type: str,
        heartbeat: Callable[[], bytes] | None = None,
    ) -> None:
        """`heartbeat` returns what is sent after HEARTBEAT_SECONDS of silence."""
        super().__init__(lines, content_type=content_type, headers=HEADERS)
        self._lines = lines
        self._heartbeat = heartbeat

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async with aclosing(read_ahead(self._lines, self._heartbeat)) as blocks:
            async for block in blocks:
                yield block


async def read_ahead(
    lines: Lines, heartbeat: Callable[[], bytes] | None = None
) -> AsyncGenerator[bytes, None]:
    """Yield what `lines` have produced since the last block; raise what they raise.

    Proxies close silent connections, so the heartbeat is sent if nothing is produced.
    Closing this generator closes `lines`.
    """
    buffer = _Buffer()
    reader = asyncio.create_task(_read(lines, buffer))
    try:
        while not (reader.done() and buffer.is_empty):
            if not await buffer.has_changed_within(HEARTBEAT_SECONDS):
                if heartbeat:
                    yield heartbeat()
            elif not buffer.is_empty:
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
    """A bounded buffer between the task that adds lines and the task that sends them."""

    def __init__(self) -> None:
        self.changed = asyncio.Event()
        self._has_room = asyncio.Event()
        self._lines: list[bytes] = []
        self._size = 0

    @property
    def is_empty(self) -> bool:
        return not self._lines

    async def has_changed_within(self, seconds: float) -> bool:
        """Wait for bytes or the end of the stream; return False after a timeout."""
        if self.changed.is_set():
            return True
        try:
            async with asyncio.timeout(seconds):
                return await self.changed.wait()
        except TimeoutError:
            return False

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
        data = b"".join(self._lines)
        self._lines.clear()
        self._size = 0
        self.changed.clear()
        self._has_room.set()
        return data
