"""From synchronous code to the models: one event loop in a thread of its own.

A process has one, made at first use. A forked child (Celery's prefork) makes its own.
"""

from __future__ import annotations

import asyncio
import os
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar, cast

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Outcome(Generic[T]):
    """What became of the call number `index`: a value or an error."""

    index: int
    value: T | None = None
    error: Exception | None = None

    def get(self) -> T:
        """The value; raises the error when there is one."""
        if self.error is not None:
            raise self.error
        return cast("T", self.value)


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


def completed(
    calls: Iterable[Callable[[], Awaitable[T]]], limit: int
) -> Iterator[list[Outcome[T]]]:
    """Make all `calls`, `limit` at once, and yield what has finished since last asked.

    Nothing starts before the first `next`. Calls go on while the consumer works; when
    it stops early, those in flight are cancelled and waited for.
    """
    finished: SimpleQueue[Outcome[T] | None] = SimpleQueue()
    task = run(_start(tuple(calls), limit, finished))
    try:
        while batch := _next_batch(finished):
            yield batch
        task.result()
    finally:
        run(_end(task))


def _next_batch(finished: SimpleQueue[Outcome[T] | None]) -> list[Outcome[T]]:
    """At least one outcome, and all that wait; empty at the end."""
    batch: list[Outcome[T]] = []
    outcome = finished.get()
    while outcome is not None:
        batch.append(outcome)
        try:
            outcome = finished.get_nowait()
        except Empty:
            return batch
    if batch:
        finished.put(None)  # the end is for the next time
    return batch


async def _start(
    calls: Sequence[Callable[[], Awaitable[T]]],
    limit: int,
    finished: SimpleQueue[Outcome[T] | None],
) -> asyncio.Task[None]:
    task = asyncio.create_task(_make_all(calls, limit, finished))
    task.add_done_callback(lambda _: finished.put(None))
    return task


async def _make_all(
    calls: Sequence[Callable[[], Awaitable[T]]],
    limit: int,
    finished: SimpleQueue[Outcome[T] | None],
) -> None:
    waiting = iter(enumerate(calls))

    async def work() -> None:
        for index, call in waiting:
            finished.put(await _outcome(index, call))

    async with asyncio.TaskGroup() as workers:
        for _ in range(min(max(limit, 1), len(calls))):
            workers.create_task(work())


async def _outcome(index: int, call: Callable[[], Awaitable[T]]) -> Outcome[T]:
    try:
        return Outcome(index, value=await call())
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is not None and task.cancelling():
            raise
        return Outcome(index, error=RuntimeError("The call was cancelled from inside."))
    except Exception as error:  # noqa: BLE001 - the consumer gets it with its index
        return Outcome(index, error=error)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.wait([task])
