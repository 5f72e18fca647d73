"""Base of embedders behind a provider's API: batches, concurrency, retries, checks."""

from __future__ import annotations

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Sequence
from typing import Any

import numpy as np

from retrieval.llm import tokens
from retrieval.llm.base import Vectors
from retrieval.llm.calls.retrying import retried
from retrieval.llm.config import EmbeddingConfig
from retrieval.llm.errors import BadAnswer, WrongDimensions
from retrieval.llm.limits import limiter
from retrieval.llm.limits.limiter import CHARS_PER_TOKEN
from retrieval.llm.text_cleaning import clean
from retrieval.llm.usage import ledger
from retrieval.llm.usage.ledger import Call


class BatchEmbedder(ABC):
    """Embeds any number of texts in batches, under the limits of one configuration.

    A batch that fails is retried alone.
    """

    def __init__(self, config: EmbeddingConfig, identity: str) -> None:
        self._config = config
        self._limiter = limiter.of_embedding(config)
        self.identity = identity
        self.dimensions = config.dimensions

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return vectors of chunks. Raises WrongDimensions and BadAnswer."""
        return await self._embed(texts, self._config.document_prefix)

    async def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Return vectors of questions. Raises WrongDimensions and BadAnswer."""
        return await self._embed(texts, self._config.query_prefix)

    @abstractmethod
    async def _request(self, batch: list[str]) -> Any:
        """Send one batch; return as many rows of numbers, as the provider gave them."""

    async def _embed(self, texts: Sequence[str], prefix: str) -> Vectors:
        """Return a row of length 1 for each text, in order."""
        size = max(self._config.batch_size, 1)
        inputs = [self._input(prefix + text) for text in texts]
        batches = [
            inputs[start : start + size] for start in range(0, len(inputs), size)
        ]
        rows = await _gather([self._embed_batch(batch) for batch in batches])
        empty = np.zeros((0, self._config.dimensions), np.float32)
        return np.concatenate([empty, *rows])

    def _input(self, text: str) -> str:
        """Cut `text` to the model's token limit; providers refuse an empty text."""
        return tokens.truncate(clean(text), self._config.token_limit) or " "

    async def _embed_batch(self, batch: list[str]) -> Vectors:
        async def attempt() -> Vectors:
            estimate = sum(map(len, batch)) // CHARS_PER_TOKEN
            async with self._limiter.slot(estimate):
                started = time.monotonic()
                rows = await self._request(batch)
                seconds = time.monotonic() - started
            model = f"{self._config.binding}:{self._config.model}"
            ledger.record(Call(model, estimate, seconds=seconds))
            return unit_rows(rows, len(batch), self._config)

        return await retried(attempt)


async def _gather(calls: Sequence[Awaitable[Vectors]]) -> list[Vectors]:
    """Return all results; if one call fails, cancel the others."""
    tasks = [asyncio.ensure_future(call) for call in calls]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


def unit_rows(values: Any, count: int, config: EmbeddingConfig) -> Vectors:
    """Return `values` as `count` rows of length 1 and of the configured dimensions."""
    try:
        rows = np.asarray(values, np.float32)
    except (TypeError, ValueError) as error:
        raise BadAnswer(f"{config.model} returned no vectors: {error}") from error
    if rows.ndim != 2 or len(rows) != count:
        raise BadAnswer(
            f"{config.model} returned {len(rows)} vectors for {count} texts."
        )
    if rows.shape[1] != config.dimensions:
        raise WrongDimensions(
            f"{config.model} returns vectors of {rows.shape[1]} dimensions, but "
            f"EMBEDDING_DIM is {config.dimensions}: set EMBEDDING_DIM={rows.shape[1]}."
        )
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or not lengths.all():
        raise BadAnswer(f"{config.model} returned a vector of length 0 or infinity.")
    unit: Vectors = (rows / lengths).astype(np.float32, copy=False)
    return unit
