"""Takes what a model says as fast as it says it, however slowly the client reads.

The model's call so ends when the model is done, not when the reader is; and what has
gathered while the connection was busy goes out in one piece.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress

Lines = AsyncGenerator[bytes, None] | AsyncGenerator[str, None]

MOST_AHEAD = 2**20
"""Bytes held for a reader; a model that says more waits until they are read."""


async def pieces(lines: Lines) -> AsyncGenerator[bytes, None]:
    """What has come of `lines`, as soon as something has; raises what they raise.

    They are closed when this is.
    """
    shelf = _Shelf()
    reading = asyncio.create_task(_read(lines, shelf))
    try:
        while not (reading.done() and shelf.is_empty):
            await shelf.came.wait()
            if not shelf.is_empty:
                yield shelf.take()
        await reading
    finally:
        reading.cancel()
        with suppress(asyncio.CancelledError):
            await reading


async def _read(lines: Lines, shelf: _Shelf) -> None:
    try:
        async with aclosing(lines):
            async for line in lines:
                await shelf.put(line if isinstance(line, bytes) else line.encode())
    finally:
        shelf.came.set()


class _Shelf:
    """Holds bytes between one who puts and one who takes all that is there."""

    def __init__(self) -> None:
        self.came = asyncio.Event()
        self._room = asyncio.Event()
        self._held: list[bytes] = []
        self._size = 0

    @property
    def is_empty(self) -> bool:
        return not self._held

    async def put(self, line: bytes) -> None:
        """Waits while there is no room."""
        while self._size > MOST_AHEAD:
            self._room.clear()
            await self._room.wait()
        self._held.append(line)
        self._size += len(line)
        self.came.set()

    def take(self) -> bytes:
        taken = b"".join(self._held)
        self._held.clear()
        self._size = 0
        self.came.clear()
        self._room.set()
        return taken
