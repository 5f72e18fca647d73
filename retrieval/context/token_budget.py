"""What of the found fits: the longest beginning of a ranked list. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeVar

from retrieval.context import serialize
from retrieval.llm import tokens
from retrieval.search.evidence import Facts, Neighbourhood
from retrieval.search.params import Limits

Item = TypeVar("Item")


def facts(found: Neighbourhood, limits: Limits) -> Facts:
    """Entities and relations, each kind within its own budget (docs/lightrag.md B.4)."""
    entities, entity_tokens = fitting(
        found.entities,
        lambda item: _line_tokens(serialize.entity(item)),
        limits.entity_tokens,
    )
    relations, relation_tokens = fitting(
        found.relations,
        lambda item: _line_tokens(serialize.relation(item)),
        limits.relation_tokens,
    )
    return Facts(
        entities=entities,
        relations=relations,
        entities_found=len(found.entities),
        relations_found=found.relations_found,
        tokens=entity_tokens + relation_tokens,
    )


@lru_cache(maxsize=1 << 14)
def _line_tokens(line: str) -> int:
    # A workspace's hubs come up in question after question.
    return tokens.count(line)


def fitting(
    items: Sequence[Item], cost: Callable[[Item], int], limit: int
) -> tuple[tuple[Item, ...], int]:
    """The longest beginning of `items` that costs `limit` tokens or fewer, and its cost.

    A line break between two lines counts as a token.
    """
    spent = 0
    for count, item in enumerate(items):
        more = cost(item) + (1 if count else 0)
        if spent + more > limit:
            return tuple(items[:count]), spent
        spent += more
    return tuple(items), spent
