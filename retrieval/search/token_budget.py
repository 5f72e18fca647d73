"""Token budgets: how many entities, relations and chunks fit into the prompt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeVar

from retrieval.llm import tokens
from retrieval.search import serialize
from retrieval.search.evidence import FoundChunk, GraphSelection, Neighbourhood
from retrieval.search.params import Limits

RESERVE = 200
"""Tokens kept free, because the other counts are estimates (docs/lightrag.md B.6)."""
Item = TypeVar("Item")


def select_graph(neighbourhood: Neighbourhood, limits: Limits) -> GraphSelection:
    """Select entities and relations, each kind by its own budget (docs/lightrag.md B.4)."""
    entities, entity_tokens = prefix_within(
        neighbourhood.entities,
        lambda item: _line_tokens(serialize.entity(item)),
        limits.entity_tokens,
    )
    relations, relation_tokens = prefix_within(
        neighbourhood.relations,
        lambda item: _line_tokens(serialize.relation(item)),
        limits.relation_tokens,
    )
    return GraphSelection(
        entities=entities,
        relations=relations,
        entities_found=len(neighbourhood.entities),
        relations_found=neighbourhood.relations_found,
        tokens=entity_tokens + relation_tokens,
    )


def select_chunks(
    chunks: Sequence[FoundChunk], available: int, *, headings: bool
) -> tuple[FoundChunk, ...]:
    """Return the first chunks that fit into `available` tokens of the prompt."""
    selected, _ = prefix_within(
        chunks,
        lambda chunk: serialize.chunk_tokens(chunk, headings=headings),
        available - RESERVE,
    )
    return selected


# Entities with many relations appear in the results of most questions.
@lru_cache(maxsize=1 << 14)
def _line_tokens(line: str) -> int:
    return tokens.count(line)


def prefix_within(
    items: Sequence[Item], cost: Callable[[Item], int], limit: int
) -> tuple[tuple[Item, ...], int]:
    """Return the longest prefix of `items` that costs at most `limit`, and its cost.

    Each line break between two items counts as one token.
    """
    total = 0
    for count, item in enumerate(items):
        added = cost(item) + (1 if count else 0)
        if total + added > limit:
            return tuple(items[:count]), total
        total += added
    return tuple(items), total
