"""How many requests of one role this process makes at once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager

from retrieval.llm.base import ChatModel, ChatRequest, Completion
from retrieval.llm.per_loop import PerLoop


class Limiter:
    """A number of slots on each event loop; a process works on one loop."""

    def __init__(self, slots: int) -> None:
        self._semaphores = PerLoop(lambda: asyncio.Semaphore(max(slots, 1)))

    @asynccontextmanager
    async def slot(self) -> AsyncIterator[None]:
        """Waits for a free slot and holds it."""
        async with self._semaphores.get():
            yield


class LimitedChat:
    """A chat model that waits for a slot before each request."""

    def __init__(self, model: ChatModel, limiter: Limiter) -> None:
        self._model = model
        self._limiter = limiter

    @property
    def identity(self) -> str:
        return self._model.identity

    async def complete(self, request: ChatRequest) -> Completion:
        async with self._limiter.slot():
            return await self._model.complete(request)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[str, None]:
        """Holds its slot until the stream is read to its end or closed."""
        async with (
            self._limiter.slot(),
            aclosing(self._model.stream(request)) as pieces,
        ):
            async for piece in pieces:
                yield piece
