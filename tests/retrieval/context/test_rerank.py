from __future__ import annotations

import logging
from collections.abc import Sequence

import pytest
from asgiref.sync import async_to_sync

from retrieval.context import rerank
from retrieval.llm.errors import ProviderDown
from retrieval.search.evidence import Passage
from retrieval.search.params import QueryParams
from tests.retrieval.conftest import Configure

PASSAGES = tuple(Passage(str(n), "d", "f", f"text {n}", 1) for n in range(4))
order = async_to_sync(rerank.order)


class Backwards:
    """The last passage is the best: scores 1.0, 0.9, …"""

    async def rerank(
        self, query: str, documents: Sequence[str], top_n: int
    ) -> list[tuple[int, float]]:
        places = range(len(documents) - 1, -1, -1)
        return [(place, 1 - n / 10) for n, place in enumerate(places)][:top_n]


class Broken(Backwards):
    async def rerank(
        self, query: str, documents: Sequence[str], top_n: int
    ) -> list[tuple[int, float]]:
        raise ProviderDown


def test_the_rerankers_order_counts_and_its_scores_are_kept() -> None:
    ranked = order(Backwards(), "q", PASSAGES, 2)
    assert [passage.chunk_id for passage in ranked] == ["3", "2"]
    assert ranked[0].legs == {"rerank": 1.0}


def test_passages_below_the_least_score_are_dropped(configure: Configure) -> None:
    configure(rerank__min_score=0.85)
    assert len(order(Backwards(), "q", PASSAGES, 4)) == 2


def test_a_failing_reranker_leaves_the_order_and_says_so(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.WARNING):
        assert order(Broken(), "q", PASSAGES, 3) == PASSAGES[:3]
    assert "reranker failed" in caplog.text


def test_without_a_reranker_the_first_passages_are_kept() -> None:
    assert order(None, "q", PASSAGES, 3) == PASSAGES[:3]


def test_a_question_may_ask_for_reranking_or_not(configure: Configure) -> None:
    assert rerank.wanted(QueryParams("q?"))
    assert not rerank.wanted(QueryParams("q?", enable_rerank=False))
    configure(rerank__by_default=False)
    assert not rerank.wanted(QueryParams("q?"))
