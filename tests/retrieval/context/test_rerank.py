from __future__ import annotations

import logging
from collections.abc import Sequence

import pytest
from asgiref.sync import async_to_sync

from retrieval.context import rerank
from retrieval.llm.errors import ProviderDown
from retrieval.search.evidence import FoundChunk
from retrieval.search.params import QueryParams
from tests.retrieval.conftest import Configure

CHUNKS = tuple(FoundChunk(str(n), "d", "f", f"text {n}", 1) for n in range(4))
order = async_to_sync(rerank.order)


class Reversing:
    """Rerank in reverse order, with the scores 1.0, 0.9, and so on."""

    async def rerank(
        self, query: str, documents: Sequence[str], top_n: int
    ) -> list[tuple[int, float]]:
        indexes = range(len(documents) - 1, -1, -1)
        return [(index, 1 - n / 10) for n, index in enumerate(indexes)][:top_n]


class Failing:
    """Fails at every call."""

    async def rerank(
        self, query: str, documents: Sequence[str], top_n: int
    ) -> list[tuple[int, float]]:
        raise ProviderDown


def test_chunks_get_the_rerankers_order_and_scores() -> None:
    ranked = order(Reversing(), "q", CHUNKS, 2)
    assert [chunk.chunk_id for chunk in ranked] == ["3", "2"]
    assert ranked[0].scores == {"rerank": 1.0}


def test_chunks_below_the_minimum_score_are_dropped(configure: Configure) -> None:
    configure(rerank__min_score=0.85)
    assert len(order(Reversing(), "q", CHUNKS, 4)) == 2


def test_a_failing_reranker_is_logged_and_keeps_the_order(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        assert order(Failing(), "q", CHUNKS, 3) == CHUNKS[:3]
    assert "reranker failed" in caplog.text


def test_without_a_reranker_the_first_chunks_are_kept() -> None:
    assert order(None, "q", CHUNKS, 3) == CHUNKS[:3]


def test_parameters_and_settings_enable_reranking(configure: Configure) -> None:
    assert rerank.is_enabled(QueryParams("q?"))
    assert not rerank.is_enabled(QueryParams("q?", enable_rerank=False))
    configure(rerank__by_default=False)
    assert not rerank.is_enabled(QueryParams("q?"))
