"""Limits on concurrent requests: of this process, and of all processes together.

A semaphore limits models that run in this process. The limits of a provider are shared
by all processes through Redis (`provider_limits`); if Redis can't be reached, each process
applies its own.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from contextlib import AbstractAsyncContextManager, aclosing, asynccontextmanager
from dataclasses import dataclass

from retrieval.llm.base import (
    ChatModel,
    ChatRequest,
    ChatWrapper,
    Completion,
    Ending,
    Piece,
    Reasoning,
)
from retrieval.llm.config import ChatConfig, EmbeddingConfig, RerankConfig
from retrieval.llm.event_loop import PerEventLoop
from retrieval.llm.limits.provider_limits import ProviderLimits, Rules
from retrieval.llm.usage import ledger
from retrieval.llm.usage.ledger import Call

CHARS_PER_TOKEN = 4
IN_PROCESS = frozenset({"fake", "local"})
"""Bindings that run in each process and share no limit."""


@dataclass(slots=True)
class Slot:
    """A permitted request; the caller replaces the estimate in `tokens` when it knows."""

    tokens: int = 0


class Limiter:
    """A number of slots per event loop; a process calls models on one loop."""

    def __init__(self, slots: int, shared: ProviderLimits | None = None) -> None:
        self._semaphores = PerEventLoop(lambda: asyncio.Semaphore(max(slots, 1)))
        self._shared = shared

    @asynccontextmanager
    async def slot(
        self, tokens: int = 0, *, is_question: bool | None = None, request: str = ""
    ) -> AsyncIterator[Slot]:
        """Wait for a free slot and hold it; `tokens` is an estimate.

        `is_question` is that of the role by default; `request` is a hash of the request.
        Raises ProviderDown or RateLimited if a question would wait too long for a
        paused provider.
        """
        slot = Slot(tokens)
        async with self._semaphores.get():
            if self._shared is None:
                yield slot
                return
            async with self._shared.lease(
                tokens, is_question=is_question, request=request
            ) as lease:
                yield slot
                lease.more_tokens = slot.tokens - tokens


class LimitedChat(ChatWrapper):
    """A chat model that waits for a slot before each request.

    It records the usage of whole answers; the caller records that of a stream.
    """

    def __init__(self, model: ChatModel, limiter: Limiter) -> None:
        super().__init__(model)
        self._limiter = limiter

    async def complete(self, request: ChatRequest) -> Completion:
        async with self._slot(request) as slot:
            started = time.monotonic()
            completion = await self._model.complete(request)
            seconds = time.monotonic() - started
            call = _call(self.identity, request, completion, seconds)
            slot.tokens = call.prompt_tokens + call.completion_tokens
            ledger.record(call)
            return completion

    def _slot(self, request: ChatRequest) -> AbstractAsyncContextManager[Slot]:
        texts = (
            text
            for message in request.messages
            for text in (message.content, *(image.digest for image in message.images))
        )
        return self._limiter.slot(
            request.chars // CHARS_PER_TOKEN, request=request_hash(texts)
        )

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Piece, None]:
        """Hold the slot until the stream is read to its end or closed."""
        async with (
            self._slot(request) as slot,
            aclosing(self._model.stream(request)) as pieces,
        ):
            async for piece in pieces:
                slot.tokens = _tokens_used(slot.tokens, piece)
                yield piece


def request_hash(texts: Iterable[str]) -> str:
    """Return a short hash of a request's texts."""
    digest = hashlib.blake2b(digest_size=8)
    for text in texts:
        digest.update(text.encode(errors="replace") + b"\0")
    return digest.hexdigest()


def _tokens_used(tokens: int, piece: Piece) -> int:
    """Return the usage of a stream so far: estimated until the provider reports it."""
    if isinstance(piece, Ending):
        return piece.prompt_tokens + piece.completion_tokens or tokens
    text = piece.text if isinstance(piece, Reasoning) else piece
    return tokens + len(text) // CHARS_PER_TOKEN


def _call(
    model: str, request: ChatRequest, completion: Completion, seconds: float
) -> Call:
    sent, received = completion.prompt_tokens, completion.completion_tokens
    if not sent and not received:
        sent = request.chars // CHARS_PER_TOKEN
        received = len(completion.text) // CHARS_PER_TOKEN
    return Call(model, sent, received, seconds)


def of_chat(config: ChatConfig, role: str) -> Limiter:
    """Return the limits of a chat model; `role` is `extract`, `keyword`, `query` or `vlm`."""
    rules = Rules(
        f"{config.binding} {config.model} at {config.host}",
        role,
        config.max_async,
        config.requests_per_minute,
        config.tokens_per_minute,
    )
    return _limiter(config.binding, rules)


def of_embedding(config: EmbeddingConfig) -> Limiter:
    """Return the limits of the embedding model, shared by questions and chunks."""
    rules = Rules(
        f"{config.binding} {config.model} at {config.host}",
        "embedding",
        config.max_async,
        config.requests_per_minute,
        config.tokens_per_minute,
    )
    return _limiter(config.binding, rules)


def of_rerank(config: RerankConfig) -> Limiter:
    """Return the limits of the reranker, which only questions use."""
    rules = Rules(
        f"{config.binding} {config.model} at {config.host}",
        "rerank",
        config.max_async,
        config.requests_per_minute,
    )
    return _limiter(config.binding, rules)


def _limiter(binding: str, rules: Rules) -> Limiter:
    shared = None if binding in IN_PROCESS else ProviderLimits(rules)
    return Limiter(rules.max_async, shared)
