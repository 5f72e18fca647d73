from __future__ import annotations

from retrieval.search import rank_fusion


def test_keys_of_two_rankings_come_first() -> None:
    assert rank_fusion.reciprocal_rank([[1, 2, 3], [4, 2]]) == [2, 1, 4, 3]


def test_one_ranking_keeps_its_order() -> None:
    assert rank_fusion.reciprocal_rank([[3, 1, 2]]) == [3, 1, 2]
    assert rank_fusion.reciprocal_rank([]) == []


def test_rankings_take_turns_without_repetition() -> None:
    assert rank_fusion.round_robin([[1, 2, 3], [2, 4], [5]]) == [1, 2, 5, 4, 3]
