"""Base of embedders behind a provider's API: batches, concurrency, retries, checks."""

from __future__ import annotations

import asyncio
import logging
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Sequence
from enum import Enum
from typing import Any

import numpy as np

from retrieval.llm import tokens
from retrieval.llm.base import Vectors
from retrieval.llm.calls.retrying import retried
from retrieval.llm.config import EmbeddingConfig
from retrieval.llm.errors import (
    BadAnswer,
    ContextTooLong,
    RequestRefused,
    WrongDimensions,
)
from retrieval.llm.limits import limited_calls
from retrieval.llm.limits.limited_calls import CHARS_PER_TOKEN
from retrieval.llm.text_cleaning import clean
from retrieval.llm.usage import ledger
from retrieval.llm.usage.ledger import Call

logger = logging.getLogger(__name__)
_CUT = 0.6
"""Part of a text that is sent again if all of it is too long."""
_CUTS = 5


class Kind(Enum):
    """What is embedded; some providers embed questions differently."""

    DOCUMENT = "document"
    QUERY = "query"


class BatchEmbedder(ABC):
    """Embeds any number of texts in batches, under the limits of one configuration.

    A batch that fails is retried alone. A batch that the provider refuses is split, and a
    text that is too long for the model is cut.
    """

    def __init__(self, config: EmbeddingConfig, identity: str) -> None:
        self._config = config
        self._limiter = limited_calls.of_embedding(config)
        self._batch_size = max(config.batch_size, 1)
        self._token_limit = config.token_limit
        self.identity = identity
        self.dimensions = config.dimensions

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return vectors of chunks. Raises WrongDimensions and BadAnswer."""
        return await self._embed(texts, self._config.document_prefix, Kind.DOCUMENT)

    async def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Return vectors of questions. Raises WrongDimensions and BadAnswer."""
        return await self._embed(texts, self._config.query_prefix, Kind.QUERY)

    @abstractmethod
    async def _request(self, batch: list[str], kind: Kind) -> Any:
        """Send one batch; return as many rows of numbers, as the provider gave them."""

    async def _embed(self, texts: Sequence[str], prefix: str, kind: Kind) -> Vectors:
        """Return a row of length 1 for each text, in order."""
        size = self._batch_size
        inputs = [clean(prefix + text) for text in texts]
        batches = [
            inputs[start : start + size] for start in range(0, len(inputs), size)
        ]
        rows = await _gather([self._embed_batch(batch, kind) for batch in batches])
        empty = np.zeros((0, self._config.dimensions), np.float32)
        return np.concatenate([empty, *rows])

    async def _embed_batch(self, batch: list[str], kind: Kind) -> Vectors:
        try:
            return await self._retried(batch, kind)
        except RequestRefused as error:
            if len(batch) > 1:
                return await self._embed_halves(batch, kind, error)
            if not isinstance(error, ContextTooLong):
                raise
            return await self._embed_cut(batch[0], kind, error)

    async def _embed_halves(
        self, batch: list[str], kind: Kind, error: RequestRefused
    ) -> Vectors:
        """Embed a refused batch in two; remember the size if it was too large."""
        half = len(batch) // 2
        first = await self._embed_batch(batch[:half], kind)
        second = await self._embed_batch(batch[half:], kind)
        if half < self._batch_size and not isinstance(error, ContextTooLong):
            self._batch_size = half
            logger.warning(
                "%s refuses %d texts in one request, so it gets %d: set "
                "EMBEDDING_BATCH_NUM=%d. %s",
                self._config.model,
                len(batch),
                half,
                half,
                error,
            )
        return np.concatenate([first, second])

    async def _embed_cut(self, text: str, kind: Kind, error: ContextTooLong) -> Vectors:
        """Embed the beginning of a text that is too long, in ever smaller parts."""
        limit = min(self._token_limit, tokens.count(text))
        for _ in range(_CUTS):
            limit = int(limit * _CUT)
            try:
                rows = await self._retried([tokens.truncate(text, limit)], kind)
            except ContextTooLong:
                continue
            self._token_limit = limit
            logger.warning(
                "%s accepts shorter texts than EMBEDDING_TOKEN_LIMIT=%d, so texts are cut "
                "to %d tokens: set EMBEDDING_TOKEN_LIMIT=%d or a smaller CHUNK_SIZE. %s",
                self._config.model,
                self._config.token_limit,
                limit,
                limit,
                error,
            )
            return rows
        raise ContextTooLong(f"{error} Set EMBEDDING_TOKEN_LIMIT to the model's limit.")

    async def _retried(self, batch: list[str], kind: Kind) -> Vectors:
        is_question = kind is Kind.QUERY
        # Providers refuse an empty text.
        inputs = [tokens.truncate(text, self._token_limit) or " " for text in batch]

        async def attempt() -> Vectors:
            estimate = sum(map(len, inputs)) // CHARS_PER_TOKEN
            async with self._limiter.slot(
                estimate,
                is_question=is_question,
                request=limited_calls.request_hash(inputs),
            ):
                started = time.monotonic()
                rows = await self._request(inputs, kind)
                seconds = time.monotonic() - started
            model = f"{self._config.binding}:{self._config.model}"
            ledger.record(Call(model, estimate, seconds=seconds))
            return unit_rows(rows, len(inputs), self._config)

        return await retried(attempt, is_question=is_question)


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
    if len(values) != count:
        raise BadAnswer(
            f"{config.model} returned {len(values)} vectors for {count} texts."
        )
    try:
        rows = np.asarray([_single(value) for value in values], np.float32)
    except (TypeError, ValueError) as error:
        raise RequestRefused(
            f"{config.model} returned an invalid embedding: {error}. Check that "
            "EMBEDDING_MODEL is an embedding model."
        ) from error
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


def _single(value: Any) -> Any:
    """Return one vector; some servers nest it in a list.

    Raises ValueError for a list of one vector per token.
    """
    is_nested = isinstance(value, list) and bool(value) and isinstance(value[0], list)
    if not is_nested:
        if value is None or len(value) == 0:
            raise ValueError("the vector is empty")
        return value
    if len(value) != 1:
        raise ValueError("one vector per token; enable pooling on the server")
    return _single(value[0])
