"""Models without a provider, for tests, benchmarks and demonstrations.

They are part of the package (binding `fake`), so that a whole server can use them.
"""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncGenerator, Callable, Iterable, Sequence
from functools import lru_cache
from itertools import chain, repeat

import numpy as np

from retrieval.llm import reasoning
from retrieval.llm.base import (
    ChatModel,
    ChatRequest,
    Completion,
    Embedder,
    Ending,
    Piece,
    Reasoning,
    Vectors,
)
from retrieval.llm.config import ChatConfig, EmbeddingConfig
from retrieval.llm.errors import LLMError, ProviderDown
from retrieval.llm.testing import stand_in

Reply = str | Completion | LLMError
_MAX_REQUESTS = 10_000
"""Upper bound on the requests kept for assertions."""


class FakeChat:
    """A chat model that answers by script, or by rule after the end of the script.

    `replies` are returned in order, or computed by a function of the request. The first
    `failures` calls raise `error`. `latency` is the time in seconds to the answer or to
    the first piece of a stream, `token_latency` the time between two pieces.
    """

    def __init__(
        self,
        replies: Callable[[ChatRequest], Reply] | Iterable[Reply] = (),
        *,
        latency: float = 0.0,
        token_latency: float = 0.0,
        failures: int = 0,
        error: LLMError | None = None,
        identity: str = "fake:chat",
    ) -> None:
        self.requests: list[ChatRequest] = []
        self.calls = 0
        self.chars = 0
        self.identity = identity
        self.calls_tools = True
        self._reply = replies if callable(replies) else None
        script: Iterable[Reply] = () if callable(replies) else replies
        failing = repeat(error or ProviderDown("The fake model fails."), failures)
        self._script = chain(failing, script)
        self._latency = latency
        self._token_latency = token_latency

    async def complete(self, request: ChatRequest) -> Completion:
        reply = self._next(request)
        if self._latency:
            await asyncio.sleep(self._latency)
        return _completion(reply, request)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Piece, None]:
        """Yield the answer word by word."""
        completion = await self.complete(request)
        if completion.reasoning:
            yield Reasoning(completion.reasoning)
        for number, piece in enumerate(stand_in.pieces(completion.text)):
            if number and self._token_latency:
                await asyncio.sleep(self._token_latency)
            yield piece
        yield Ending(
            completion.prompt_tokens,
            completion.completion_tokens,
            completion.truncated,
            completion.tool_calls,
        )

    def _next(self, request: ChatRequest) -> Reply:
        self._record(request)
        scripted = next(self._script, None)
        if scripted is not None:
            return scripted
        return self._reply(request) if self._reply else _by_rule(request)

    def _record(self, request: ChatRequest) -> None:
        self.calls += 1
        self.chars += request.chars
        if len(self.requests) < _MAX_REQUESTS:
            self.requests.append(request)


def _by_rule(request: ChatRequest) -> Reply:
    calls = stand_in.tool_calls(request)
    if calls:
        return Completion("", request.chars // 4, 1, tool_calls=calls)
    return stand_in.answer(request)


def _completion(reply: Reply, request: ChatRequest) -> Completion:
    if isinstance(reply, LLMError):
        raise reply
    if isinstance(reply, Completion):
        return reply
    thoughts, text = reasoning.split(reply)
    return Completion(text, request.chars // 4, len(reply) // 4, reasoning=thoughts)


@lru_cache(maxsize=1 << 17)
def _hash(word: str) -> tuple[int, float]:
    """Return a word's dimension (before the modulus) and its sign."""
    number = zlib.crc32(word.encode("utf-8", "replace"))
    return number >> 1, 1.0 if number & 1 else -1.0


class FakeEmbedder:
    """Embeds hashed bags of words: texts are similar if they have words in common."""

    def __init__(self, dimensions: int = 64, *, latency: float = 0.0) -> None:
        self.dimensions = dimensions
        self.identity = "fake:hash"
        self.calls = 0
        self.texts = 0
        self._latency = latency

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        self.calls += 1
        self.texts += len(texts)
        if self._latency:
            await asyncio.sleep(self._latency)
        return self._embed(texts)

    async def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return await self.embed_documents(list(map(stand_in.shortened, texts)))

    def _embed(self, texts: Sequence[str]) -> Vectors:
        positions: list[int] = []
        signs: list[float] = []
        for row, text in enumerate(texts):
            for word in set(stand_in.words(text)):
                number, sign = _hash(word)
                positions.append(row * self.dimensions + number % self.dimensions)
                signs.append(sign)
        rows = np.zeros((len(texts), self.dimensions), np.float32)
        np.add.at(
            rows.reshape(-1), np.array(positions, np.intp), np.array(signs, np.float32)
        )
        return _unit(rows)


def _unit(rows: Vectors) -> Vectors:
    rows[~rows.any(axis=1), 0] = 1.0  # a text without words
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


def configured_chat(config: ChatConfig) -> ChatModel:
    """Return the model in the option `chat`, or one with the latencies in the options."""
    chat: ChatModel | None = config.options.get("chat")
    return chat or FakeChat(
        latency=config.options.get("latency", 0.0),
        token_latency=config.options.get("token_latency", 0.0),
        identity=f"fake:{config.model or 'chat'}",
    )


def configured_embedder(config: EmbeddingConfig) -> Embedder:
    """Return the embedder in the option `embedder`, or one with the option `latency`."""
    embedder: Embedder | None = config.options.get("embedder")
    return embedder or FakeEmbedder(
        config.dimensions, latency=config.options.get("latency", 0.0)
    )
