from __future__ import annotations

from retrieval.search import chunk_quota


def test_a_chunk_belongs_to_the_first_item_that_mentions_it() -> None:
    mentions = [(7, 100), (8, 100), (8, 101), (9, 102)]
    owned, times = chunk_quota.chunks_by_item([7, 8, 9], mentions, frozenset({102}))
    assert owned == [[100], [101], []]
    assert times[100] == 2


def test_the_most_mentioned_chunks_of_an_item_come_first() -> None:
    mentions = [(7, 100), (7, 101), (8, 101)]
    owned, _ = chunk_quota.chunks_by_item([7, 8], mentions, frozenset())
    assert owned == [[101, 100], []]


def test_quotas_fall_linearly_from_the_first_item_to_the_last() -> None:
    owned = [[10, 11, 12, 13, 14, 15], [20, 21, 22, 23, 24], [30, 31, 32]]
    assert chunk_quota.allocate(owned, 5) == [10, 11, 12, 13, 14, 20, 21, 22, 30]


def test_an_unused_quota_goes_to_the_first_items_with_more_chunks() -> None:
    assert chunk_quota.allocate([[10, 11, 12, 13, 14, 15, 16], []], 5) == [
        10,
        11,
        12,
        13,
        14,
        15,
    ]
    assert chunk_quota.allocate([[], [20, 21, 22]], 5) == [20, 21, 22]


def test_a_single_item_has_the_whole_quota() -> None:
    assert chunk_quota.allocate([[1, 2, 3, 4]], 3) == [1, 2, 3]
    assert chunk_quota.allocate([], 5) == []
