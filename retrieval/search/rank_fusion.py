"""Merge ranked lists into one, such as vector and BM25 hits (`hybrid_search`)."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from itertools import zip_longest
from typing import TypeVar

Key = TypeVar("Key", bound=Hashable)

SMOOTHING = 60
"""The constant of reciprocal rank fusion (Cormack, Clarke and Büttcher, 2009)."""


def reciprocal_rank(rankings: Iterable[Sequence[Key]]) -> list[Key]:
    """Return all keys by reciprocal rank fusion; ties by first appearance."""
    scores: dict[Key, float] = {}
    for ranking in rankings:
        for rank, key in enumerate(ranking, start=1):
            scores[key] = scores.get(key, 0.0) + 1 / (SMOOTHING + rank)
    return sorted(scores, key=scores.__getitem__, reverse=True)


def round_robin(rankings: Iterable[Sequence[Key]]) -> list[Key]:
    """Return the first keys of all rankings, then the second ones, and so on.

    Each key appears once (docs/lightrag.md B.3).
    """
    rounds = zip_longest(*rankings)
    return list(dict.fromkeys(key for row in rounds for key in row if key is not None))
