"""The only place where the async read path calls the synchronous database."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import ContextVar
from functools import partial
from typing import ParamSpec, TypeVar

from asgiref.sync import sync_to_async
from django.db import connection

P = ParamSpec("P")
T = TypeVar("T")
executor: ContextVar[ThreadPoolExecutor | None] = ContextVar("executor", default=None)
"""Threads for database steps.

If None, steps run in the caller's thread and transaction, as in tests.
"""


async def run_in_db(step: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run one database step in a thread and release its connection afterwards.

    No connection is held while a model runs or while a stream waits for its client.
    """
    threads = executor.get()
    run: Callable[P, Awaitable[T]] = sync_to_async(
        partial(run_and_release, step),
        thread_sensitive=threads is None,
        executor=threads,
    )
    return await run(*args, **kwargs)


def run_and_release(step: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a step in this thread and release its connection afterwards."""
    try:
        return step(*args, **kwargs)
    finally:
        # Inside a caller's transaction the connection belongs to the caller.
        if not connection.in_atomic_block:
            connection.close()
