"""Slots for the steps of a question that use the processor or the database.

At most MAX_RUNNING steps run at once. The others wait in queues of limited length, and
callers get slots in rotation: a caller with many questions delays mainly its own. No slot
is held while a language model answers.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from contextvars import ContextVar

from documents.pipeline.fair_semaphore import FairSemaphore
from retrieval.llm.errors import Overloaded

MAX_RUNNING = 16
"""As many as there are database threads (`lightrag_site.serving.db_threads`)."""
MAX_WAITING = 1024
MAX_WAITING_OF_CALLER = 256
"""A chat program with one key may serve hundreds of people."""
RETRY_AFTER = 5

caller: ContextVar[str] = ContextVar("caller", default="")
"""The caller of the request: an account, a key, or the network address of others."""


class QuestionSlots:
    """A limit of the questions that one process answers at once, in one event loop."""

    def __init__(self) -> None:
        self._semaphore = FairSemaphore(MAX_RUNNING)
        self._waiting = 0

    @asynccontextmanager
    async def slot(self) -> AsyncGenerator[None, None]:
        """Wait for a slot and hold it. Raises Overloaded if the queue is full."""
        group = caller.get()
        if (
            self._waiting >= MAX_WAITING
            or self._semaphore.waiting(group) >= MAX_WAITING_OF_CALLER
        ):
            raise Overloaded(RETRY_AFTER)
        self._waiting += 1
        try:
            slot = await self._semaphore.acquire(group)
        finally:
            self._waiting -= 1
        try:
            yield
        finally:
            slot.release()


slots = QuestionSlots()
