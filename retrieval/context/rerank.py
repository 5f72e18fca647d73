"""Passages put in the order a reranker gives them, where there is one (docs/lightrag.md B.6)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace

from django.conf import settings

from retrieval.llm.base import Reranker
from retrieval.llm.errors import LLMError
from retrieval.llm.registry import configured_models
from retrieval.search.evidence import Passage
from retrieval.search.params import QueryParams

logger = logging.getLogger(__name__)


def wanted(params: QueryParams) -> bool:
    """Whether this question asks for reranking, itself or by the settings."""
    if params.enable_rerank is None:
        return settings.LIGHTRAG.rerank.by_default
    return params.enable_rerank


def model_for(params: QueryParams) -> Reranker | None:
    """The reranker to ask; None where none is wanted or configured."""
    return configured_models.reranker() if wanted(params) else None


async def order(
    reranker: Reranker | None, query: str, passages: Sequence[Passage], top_n: int
) -> tuple[Passage, ...]:
    """The best `top_n`, or the first `top_n` where no reranker could be asked.

    A failing reranker costs the better order, not the answer: it is logged.
    """
    if reranker is None or not passages:
        return tuple(passages[:top_n])
    texts = [passage.content for passage in passages]
    try:
        scored = await reranker.rerank(query, texts, top_n)
    except LLMError as error:
        logger.warning("Passages stay in their order: the reranker failed: %s", error)
        return tuple(passages[:top_n])
    floor = settings.LIGHTRAG.rerank.min_score
    return tuple(
        _scored(passages[place], score) for place, score in scored if score >= floor
    )


def _scored(passage: Passage, score: float) -> Passage:
    return replace(passage, legs={**passage.legs, "rerank": score})
