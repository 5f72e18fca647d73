"""Personalized PageRank on a small directed graph. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]

ROUNDS = 6
"""At a damping of 0.45 what a seventh would move is under half a percent of the mass."""


@dataclass(frozen=True, slots=True)
class Edges:
    """Parallel arrays: from which node to which."""

    sources: Ids
    targets: Ids


NO_EDGES = Edges(np.zeros(0, np.int64), np.zeros(0, np.int64))


def joined(first: Edges, second: Edges) -> Edges:
    """The edges of both."""
    return Edges(
        np.concatenate([first.sources, second.sources]),
        np.concatenate([first.targets, second.targets]),
    )


def mass(edges: Edges, restart: dict[int, float], damping: float) -> dict[int, float]:
    """How often a walker is at each node, all in all 1 or less.

    With probability `damping` it follows one of its edges, else it begins anew at a node
    of `restart`. From a node without edges it does not return.
    """
    total = sum(restart.values())
    if total <= 0:
        return {}
    begins = np.fromiter(restart, np.int64, len(restart))
    nodes = np.unique(np.concatenate([begins, edges.sources, edges.targets]))
    start = np.zeros(len(nodes))
    start[np.searchsorted(nodes, begins)] = list(restart.values())
    start *= (1 - damping) / total
    sources = np.searchsorted(nodes, edges.sources)
    targets = np.searchsorted(nodes, edges.targets)
    share = damping / np.bincount(sources, minlength=len(nodes))[sources]
    at = start / (1 - damping)
    for _ in range(ROUNDS):
        at = start + np.bincount(targets, at[sources] * share, len(nodes))
    return dict(zip(nodes.tolist(), at.tolist(), strict=True))
