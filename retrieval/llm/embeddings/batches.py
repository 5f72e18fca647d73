"""Texts -> vectors by a provider: in batches, some at once, each tried again alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import numpy as np

from retrieval.llm import tokens
from retrieval.llm.base import Vectors
from retrieval.llm.calls.retrying import retried
from retrieval.llm.config import EmbeddingConfig
from retrieval.llm.errors import BadAnswer, WrongDimensions
from retrieval.llm.limits import configured
from retrieval.llm.limits.limiter import CHARS_PER_TOKEN
from retrieval.llm.text_cleaning import clean
from retrieval.llm.usage import recorder
from retrieval.llm.usage.recorder import Call

Ask = Callable[[list[str]], Awaitable[Any]]
"""A batch of texts -> as many rows of numbers, as the provider gave them."""


class Batches:
    """Embeds any number of texts under the limits of one configuration."""

    def __init__(self, config: EmbeddingConfig, ask: Ask) -> None:
        self._config = config
        self._ask = ask
        self._limiter = configured.of_embedding(config)

    async def embed(self, texts: Sequence[str], prefix: str) -> Vectors:
        """A row of length 1 for each text, in order.

        A text over the model's token limit is cut. Raises WrongDimensions and BadAnswer.
        """
        size = max(self._config.batch_size, 1)
        fit = [self._fit(prefix + text) for text in texts]
        batches = [fit[start : start + size] for start in range(0, len(fit), size)]
        rows = await _gathered([self._one(batch) for batch in batches])
        return np.concatenate([self._none, *rows])

    @property
    def _none(self) -> Vectors:
        return np.zeros((0, self._config.dimensions), np.float32)

    def _fit(self, text: str) -> str:
        # Providers refuse an empty text.
        return tokens.truncate(clean(text), self._config.token_limit) or " "

    async def _one(self, batch: list[str]) -> Vectors:
        async def ask() -> Vectors:
            guess = sum(map(len, batch)) // CHARS_PER_TOKEN
            async with self._limiter.slot(guess):
                started = time.monotonic()
                found = await self._ask(batch)
                seconds = time.monotonic() - started
            model = f"{self._config.binding}:{self._config.model}"
            recorder.note(Call(model, guess, seconds=seconds))
            return unit_rows(found, len(batch), self._config)

        return await retried(ask)


async def _gathered(calls: Sequence[Awaitable[Vectors]]) -> list[Vectors]:
    """All results; when one fails the others are cancelled."""
    tasks = [asyncio.ensure_future(call) for call in calls]
    try:
        return await asyncio.gather(*tasks)
    finally:
        for task in tasks:
            task.cancel()


def unit_rows(found: Any, count: int, config: EmbeddingConfig) -> Vectors:
    """`found` as `count` rows of length 1 and of the configured dimensions."""
    try:
        rows = np.asarray(found, np.float32)
    except (TypeError, ValueError) as error:
        raise BadAnswer(f"{config.model} gave no vectors: {error}") from error
    if rows.ndim != 2 or len(rows) != count:
        raise BadAnswer(f"{config.model} gave {len(rows)} vectors for {count} texts.")
    if rows.shape[1] != config.dimensions:
        raise WrongDimensions(
            f"{config.model} gives vectors of {rows.shape[1]} dimensions, but "
            f"EMBEDDING_DIM is {config.dimensions}: set EMBEDDING_DIM={rows.shape[1]}."
        )
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    if not np.isfinite(lengths).all() or not lengths.all():
        raise BadAnswer(f"{config.model} gave a vector without a direction.")
    unit: Vectors = (rows / lengths).astype(np.float32, copy=False)
    return unit
