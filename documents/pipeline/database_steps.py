"""Database steps of coroutines, executed by the thread that owns the connection.

This is where the write path crosses from async to sync. The coroutines run on the event
loop of `retrieval.llm.event_loop`, so the models stay busy while this thread writes.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import Any, TypeVar

from celery.exceptions import SoftTimeLimitExceeded
from django.db import InterfaceError, OperationalError, connection
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_delay,
    wait_fixed,
)

T = TypeVar("T")
Item = TypeVar("Item")

GATHER_SECONDS = 0.01
"""Requests that follow each other within this time are executed together."""
MAX_GATHER_SECONDS = 0.05
"""Upper bound on the time that a request waits for others."""
CONNECTION_ERRORS = (OperationalError, InterfaceError)
"""What psycopg raises when a connection is lost."""
MAX_WRITE_SECONDS = 90.0
"""Time for which a write is retried. PostgreSQL's crash recovery takes longer only if
a lot was written.
"""
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """One item for a step; the items of equal `key` are passed to one call of `step`."""

    key: Hashable
    step: Callable[[list[Any]], Sequence[Any] | None]
    item: Any
    future: Future[Any]


class DatabaseSteps:
    """A queue of database steps, filled by coroutines and served by one thread."""

    def __init__(self) -> None:
        self._requests: SimpleQueue[Request | None] = SimpleQueue()
        self._closed = False

    async def run(self, step: Callable[[], T]) -> T:
        """Execute `step` in the serving thread; return its result or raise its error."""
        future: Future[T] = Future()
        self._put(Request(future, lambda _: [step()], None, future))
        return await asyncio.wrap_future(future)

    async def batch(
        self,
        key: Hashable,
        step: Callable[[list[Item]], Sequence[T] | None],
        item: Item,
    ) -> T | None:
        """Execute `step` once for all items that arrive for `key` at about this time.

        `step` returns a result for each item, in order, or None. An item that was
        submitted is executed even if the caller is cancelled meanwhile.
        """
        future = self._submit(key, step, item)
        return await asyncio.wrap_future(future)

    def post(
        self,
        key: Hashable,
        step: Callable[[list[Item]], Sequence[T] | None],
        item: Item,
    ) -> None:
        """Submit an item as `batch` does, without waiting; log an error of its step."""
        self._submit(key, step, item).add_done_callback(log_error)

    def _submit(
        self,
        key: Hashable,
        step: Callable[[list[Item]], Sequence[T] | None],
        item: Item,
    ) -> Future[T]:
        future: Future[T] = Future()
        self._put(Request(key, step, item, future))
        return future

    def serve(self, task: Future[T]) -> T:
        """Execute steps until `task` is done; return its result or raise its error.

        An exception in this thread (a signal, a time limit) cancels the task.
        """
        task.add_done_callback(lambda _: self._requests.put(None))
        try:
            while not task.done():
                execute(self._gather())
            execute(self._drain())
            return task.result()
        except BaseException:
            task.cancel()
            raise
        finally:
            self._closed = True
            for request in self._drain():
                request.future.cancel()

    def _put(self, request: Request) -> None:
        if self._closed:
            request.future.cancel()
        else:
            self._requests.put(request)

    def _gather(self) -> list[Request]:
        """Wait for a request, and for those that follow it closely."""
        requests = [self._requests.get()]
        end = time.monotonic() + MAX_GATHER_SECONDS
        with contextlib.suppress(Empty):
            while requests[-1] is not None and time.monotonic() < end:
                requests.append(self._requests.get(timeout=GATHER_SECONDS))
        return [request for request in requests if request is not None]

    def _drain(self) -> list[Request]:
        requests = []
        while not self._requests.empty():
            requests.append(self._requests.get())
        return [request for request in requests if request is not None]


def execute(requests: Sequence[Request]) -> None:
    """Execute the steps, one call for all requests of the same key."""
    groups: dict[Hashable, list[Request]] = {}
    for request in requests:
        # From here on a cancelled caller does not cancel the request.
        request.future.set_running_or_notify_cancel()
        groups.setdefault(request.key, []).append(request)
    for group in groups.values():
        execute_group(group)


def execute_group(group: Sequence[Request]) -> None:
    """Execute one step for all requests; after an error, execute each request alone."""
    try:
        results = group[0].step([request.item for request in group])
    except SoftTimeLimitExceeded:
        raise  # it is not the step's error: it ends `serve`
    except Exception as error:  # noqa: BLE001 - it is raised in the coroutines
        if len(group) == 1 or isinstance(error, CONNECTION_ERRORS):
            raise_in_callers(group, error)
        else:
            for request in group:
                execute_group([request])
        return
    for position, request in enumerate(group):
        if not request.future.cancelled():
            result = None if results is None else results[position]
            request.future.set_result(result)


def raise_in_callers(group: Sequence[Request], error: Exception) -> None:
    for request in group:
        if not request.future.cancelled():
            request.future.set_exception(error)


def log_error(future: Future[Any]) -> None:
    if not future.cancelled() and (error := future.exception()):
        logger.error("A database step failed: %s", error, exc_info=error)


class WriteRetry:
    """Retries of the writes of one run while the database restarts or fails over.

    The results of paid model calls exist only in this process until they are stored, so
    a write is retried instead of failing.

    Once a write was given up, the following ones are tried once, until one succeeds.
    Otherwise each of them would wait for MAX_WRITE_SECONDS.
    """

    def __init__(self) -> None:
        self._seconds = MAX_WRITE_SECONDS

    def __call__(self, write: Callable[[], None]) -> None:
        """Call `write` until the database accepts it, for MAX_WRITE_SECONDS at most.

        `write` must be idempotent. Raises the last of CONNECTION_ERRORS.
        """
        retrying = Retrying(
            retry=retry_if_exception_type(CONNECTION_ERRORS),
            stop=stop_after_delay(self._seconds),
            wait=wait_fixed(0.5),
            before_sleep=_reconnect,
            reraise=True,
        )
        try:
            retrying(write)
        except CONNECTION_ERRORS:
            self._seconds = 0.0
            connection.close()
            raise
        self._seconds = MAX_WRITE_SECONDS


def _reconnect(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    logger.warning("Database unavailable; results wait to be stored: %s", error)
    connection.close()
