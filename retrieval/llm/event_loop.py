"""From synchronous code to the models: one event loop in a thread of its own.

A process has one, made at first use. A forked child (Celery's prefork) makes its own.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class _Loop:
    """An event loop running in a daemon thread."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(
            target=self.loop.run_forever, name="models", daemon=True
        )
        self.thread.start()


class _Process:
    """This process's loop, and those inherited by fork, which have no thread here."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.current: _Loop | None = None
        self.inherited: list[_Loop] = []

    def running(self) -> _Loop:
        with self.lock:
            if self.current is None:
                self.current = _Loop()
            return self.current

    def forget(self) -> None:
        self.lock = threading.Lock()
        if self.current is not None:
            self.inherited.append(self.current)
        self.current = None


_process = _Process()
os.register_at_fork(after_in_child=_process.forget)


def run(call: Coroutine[Any, Any, T]) -> T:
    """`call`'s result; cancels it when the waiting is interrupted."""
    running = _process.running()
    if threading.current_thread() is running.thread:
        call.close()
        raise RuntimeError("bridge.run() was called on the bridge's own event loop.")
    future = asyncio.run_coroutine_threadsafe(call, running.loop)
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise


def submit(call: Coroutine[Any, Any, T]) -> Future[T]:
    """Begin `call` and return at once; the future may be waited for or cancelled."""
    return asyncio.run_coroutine_threadsafe(call, _process.running().loop)
