"""Where the async read path crosses into the sync database: here and nowhere else."""

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
threads: ContextVar[ThreadPoolExecutor | None] = ContextVar("threads", default=None)
"""Where steps run; None: in the caller's own thread, with its transaction (a test's)."""


async def in_database(step: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run one database step in a thread and give its connection back afterwards.

    So no connection is held while a model runs or a stream waits for its reader.
    """
    shared = threads.get()
    crossed: Callable[P, Awaitable[T]] = sync_to_async(
        partial(released, step), thread_sensitive=shared is None, executor=shared
    )
    return await crossed(*args, **kwargs)


def released(step: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run a step and give its connection back, from where it is sync already."""
    try:
        return step(*args, **kwargs)
    finally:
        # Inside a caller's transaction (a test's, say) the connection is not ours to give.
        if not connection.in_atomic_block:
            connection.close()
