"""How many requests are made at once: by this process, and by all of them together.

Models that run in this process are limited by a semaphore alone. A provider's limits
are shared by all processes through Redis (`shared_limits`); where that cannot be
reached, each process keeps to its own.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass

from retrieval.llm.base import (
    ChatModel,
    ChatRequest,
    ChatWrapper,
    Completion,
    Ending,
    Piece,
)
from retrieval.llm.event_loop import PerEventLoop
from retrieval.llm.limits.shared_limits import ProviderLimits
from retrieval.llm.usage import recorder
from retrieval.llm.usage.recorder import Call

CHARS_PER_TOKEN = 4


@dataclass(slots=True)
class Slot:
    """A request that may be made; `tokens` is what it will cost, corrected when known."""

    tokens: int = 0


class Limiter:
    """A number of slots on each event loop; a process works on one loop."""

    def __init__(self, slots: int, shared: ProviderLimits | None = None) -> None:
        self._semaphores = PerEventLoop(lambda: asyncio.Semaphore(max(slots, 1)))
        self._shared = shared

    @asynccontextmanager
    async def slot(self, tokens: int = 0) -> AsyncIterator[Slot]:
        """Waits for a free slot and holds it; `tokens` is a guess.

        Raises ProviderDown or RateLimited where the provider is left alone for longer
        than this role waits.
        """
        slot = Slot(tokens)
        async with self._semaphores.get():
            if self._shared is None:
                yield slot
                return
            async with self._shared.lease(tokens) as lease:
                yield slot
                lease.more_tokens = slot.tokens - tokens


class LimitedChat(ChatWrapper):
    """A chat model that waits for a slot before each request.

    What a whole answer cost is noted (`bill`); of a stream its reader knows what was
    said, and notes it.
    """

    def __init__(self, model: ChatModel, limiter: Limiter) -> None:
        super().__init__(model)
        self._limiter = limiter

    async def complete(self, request: ChatRequest) -> Completion:
        async with self._limiter.slot(request.chars // CHARS_PER_TOKEN) as slot:
            started = time.monotonic()
            completion = await self._model.complete(request)
            seconds = time.monotonic() - started
            call = _cost(self.identity, request, completion, seconds)
            slot.tokens = call.prompt_tokens + call.completion_tokens
            recorder.record(call)
            return completion

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Piece, None]:
        """Holds its slot until the stream is read to its end or closed."""
        async with (
            self._limiter.slot(request.chars // CHARS_PER_TOKEN) as slot,
            aclosing(self._model.stream(request)) as pieces,
        ):
            async for piece in pieces:
                slot.tokens = _spent(slot.tokens, piece)
                yield piece


def _spent(tokens: int, piece: Piece) -> int:
    """What a stream has cost so far: a guess by its words, until the provider tells."""
    if isinstance(piece, Ending):
        return piece.prompt_tokens + piece.completion_tokens or tokens
    return tokens + len(piece) // CHARS_PER_TOKEN


def _cost(
    model: str, request: ChatRequest, completion: Completion, seconds: float
) -> Call:
    sent, got = completion.prompt_tokens, completion.completion_tokens
    if not sent and not got:
        sent = request.chars // CHARS_PER_TOKEN
        got = len(completion.text) // CHARS_PER_TOKEN
    return Call(model, sent, got, seconds)
