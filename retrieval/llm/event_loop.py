"""The event loop that runs model calls for synchronous code, and objects bound to a loop.

Each process has one such loop in its own thread, created at first use. A forked child
(Celery's prefork pool) creates its own.
"""

from __future__ import annotations

import asyncio
import atexit
import os
import threading
import weakref
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from contextlib import suppress
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class _LoopThread:
    """An event loop running in a daemon thread."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(
            target=self.loop.run_forever, name="models", daemon=True
        )
        self.thread.start()


class _ProcessLoop:
    """This process's loop, and the loops inherited by fork, which have no thread here."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.current: _LoopThread | None = None
        self.inherited: list[_LoopThread] = []

    def get(self) -> _LoopThread:
        with self.lock:
            if self.current is None:
                self.current = _LoopThread()
            return self.current

    def reset_after_fork(self) -> None:
        self.lock = threading.Lock()
        if self.current is not None:
            self.inherited.append(self.current)
        self.current = None


_process = _ProcessLoop()
os.register_at_fork(after_in_child=_process.reset_after_fork)


def run(call: Coroutine[Any, Any, T]) -> T:
    """Run `call` and return its result; cancel it if the wait is interrupted."""
    running = _process.get()
    if threading.current_thread() is running.thread:
        call.close()
        raise RuntimeError("event_loop.run() was called on its own event loop.")
    future = asyncio.run_coroutine_threadsafe(call, running.loop)
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise


def submit(call: Coroutine[Any, Any, T]) -> Future[T]:
    """Start `call` and return at once; the future can be waited for or cancelled."""
    return asyncio.run_coroutine_threadsafe(call, _process.get().loop)


class PerEventLoop(Generic[T]):
    """One `T` per running event loop: clients with open connections, semaphores.

    The object is created at first use and dropped with its loop. `close` closes it when
    the process ends.
    """

    def __init__(
        self,
        create: Callable[[], T],
        close: Callable[[T], Awaitable[object]] | None = None,
    ) -> None:
        self._create = create
        self._close = close
        self._objects: weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, T] = (
            weakref.WeakKeyDictionary()
        )
        if close:
            _closable.add(self)

    def get(self) -> T:
        """Return the running loop's object, creating it if needed."""
        loop = asyncio.get_running_loop()
        if loop not in self._objects:
            self._objects[loop] = self._create()
        return self._objects[loop]

    def pop(self) -> T | None:
        """Remove and return the running loop's object, or None if there is none."""
        return self._objects.pop(asyncio.get_running_loop(), None)

    async def close(self) -> None:
        """Remove and close the running loop's object."""
        value = self.pop()
        if value is not None and self._close:
            await self._close(value)


_closable: weakref.WeakSet[PerEventLoop[Any]] = weakref.WeakSet()


async def close_clients() -> None:
    """Close the clients of the running loop. aiohttp reports those left open as an error."""
    for clients in list(_closable):
        await clients.close()


@atexit.register
def _close_clients_of_process() -> None:
    running = _process.current
    if running is not None:
        with suppress(Exception):
            closing = asyncio.run_coroutine_threadsafe(close_clients(), running.loop)
            closing.result(timeout=1)
