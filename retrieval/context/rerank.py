"""Order chunks by a reranking model, if one is configured (docs/lightrag.md B.6)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from django.conf import settings

from retrieval.llm.base import Reranker
from retrieval.llm.errors import LLMError
from retrieval.search.evidence import FoundChunk
from retrieval.search.params import QueryParams

logger = logging.getLogger(__name__)


def is_enabled(params: QueryParams) -> bool:
    """Return whether the parameters or, if unset, the settings enable reranking."""
    if params.enable_rerank is None:
        return settings.LIGHTRAG.rerank.by_default
    return params.enable_rerank


async def order(
    reranker: Reranker | None, query: str, chunks: Sequence[FoundChunk], top_n: int
) -> tuple[FoundChunk, ...]:
    """Return the reranker's best `top_n` chunks; without a reranker the first `top_n`.

    If the reranker fails, the chunks keep their order and the failure is logged.
    """
    if reranker is None or not chunks:
        return tuple(chunks[:top_n])
    texts = [chunk.content for chunk in chunks]
    try:
        ranking = await reranker.rerank(query, texts, top_n)
    except LLMError as error:
        logger.warning("The reranker failed; the chunks keep their order: %s", error)
        return tuple(chunks[:top_n])
    min_score = settings.LIGHTRAG.rerank.min_score
    return tuple(
        _with_score(chunks[index], score)
        for index, score in ranking
        if score >= min_score
    )


def _with_score(chunk: FoundChunk, score: float) -> FoundChunk:
    return replace(chunk, scores={**chunk.scores, "rerank": score})
