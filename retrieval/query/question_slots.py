"""Slots for the steps of a question that use the processor or the database.

At most MAX_RUNNING steps run at once, and MAX_RUNNING_OF_CALLER of one caller. The others
wait in queues of limited length, and callers get slots in rotation: a caller with many
questions delays mainly its own. No slot is held while a language model answers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from contextvars import ContextVar

from documents.pipeline.fair_semaphore import FairSemaphore
from retrieval.llm.errors import Overloaded

MAX_RUNNING = 16
"""As many as there are database threads (`lightrag_site.serving.db_threads`)."""
MAX_RUNNING_OF_CALLER = 4
"""Python runs one thread at a time, so more steps of a caller would not end earlier."""
MAX_WAITING = 1024
MAX_WAITING_OF_CALLER = 256
"""A chat program with one key may serve hundreds of people."""
RETRY_AFTER = 5

caller: ContextVar[str] = ContextVar("caller", default="")
"""The caller of the request: an account, a key, or the network address of others."""


class QuestionSlots:
    """A limit of the questions that one process answers at once, in one event loop."""

    def __init__(self) -> None:
        self._shared = FairSemaphore(MAX_RUNNING)
        self._callers: dict[str, FairSemaphore] = {}
        self._waiting = Counter[str]()

    @asynccontextmanager
    async def slot(self) -> AsyncGenerator[None, None]:
        """Wait for a slot and hold it. Raises Overloaded if the queue is full."""
        name = caller.get()
        if (
            self._waiting.total() >= MAX_WAITING
            or self._waiting[name] >= MAX_WAITING_OF_CALLER
        ):
            raise Overloaded(RETRY_AFTER)
        async with AsyncExitStack() as stack:
            self._waiting[name] += 1
            try:
                await stack.enter_async_context(self._of_caller(name))
                slot = await self._shared.acquire(name)
            finally:
                self._waiting[name] -= 1
                self._waiting += Counter()  # removes callers without questions
            stack.callback(slot.release)
            yield

    @asynccontextmanager
    async def _of_caller(self, name: str) -> AsyncGenerator[None, None]:
        """Hold one of the caller's own slots, which exist while the caller uses one."""
        limit = min(MAX_RUNNING, MAX_RUNNING_OF_CALLER)
        slots = self._callers.setdefault(name, FairSemaphore(limit))
        slot = await slots.acquire(name)
        try:
            yield
        finally:
            slot.release()
            if slots.is_unused:
                self._callers.pop(name, None)


slots = QuestionSlots()
