"""Select chunks by the rank of the entities or relations that mention them.

LightRAG's WEIGHT method (docs/lightrag.md B.5).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence


def chunks_by_item(
    items: Sequence[int], mentions: Iterable[tuple[int, int]], excluded: frozenset[int]
) -> tuple[list[list[int]], Counter[int]]:
    """Return each item's chunks, most mentioned first, and mention counts by chunk.

    `items` are ids of entities or relations, best first; `mentions` are (item, chunk).
    A chunk belongs to the best item that mentions it; chunks in `excluded` to none.
    """
    ranks = {item: rank for rank, item in enumerate(items)}
    owners: dict[int, int] = {}
    counts: Counter[int] = Counter()
    for item, chunk in mentions:
        if item in ranks and chunk not in excluded:
            counts[chunk] += 1
            owners[chunk] = min(ranks[item], owners.get(chunk, len(ranks)))
    owned: list[list[int]] = [[] for _ in items]
    for chunk in sorted(owners, key=lambda chunk: (-counts[chunk], chunk)):
        owned[owners[chunk]].append(chunk)
    return owned, counts


def allocate(owned: Sequence[Sequence[int]], maximum: int) -> list[int]:
    """Return `maximum` chunks of the first item, falling linearly to one of the last.

    What an item can't fill goes one by one to the first items that have more chunks.
    """
    quotas = _quotas(len(owned), maximum)
    counts = [
        min(quota, len(chunks)) for quota, chunks in zip(quotas, owned, strict=True)
    ]
    spare = sum(quotas) - sum(counts)
    while spare > 0:
        open_items = [i for i, chunks in enumerate(owned) if counts[i] < len(chunks)][
            :spare
        ]
        if not open_items:
            break
        for i in open_items:
            counts[i] += 1
        spare -= len(open_items)
    return [
        chunk
        for chunks, count in zip(owned, counts, strict=True)
        for chunk in chunks[:count]
    ]


def _quotas(items: int, maximum: int) -> list[int]:
    step = (maximum - 1) / (items - 1) if items > 1 else 0
    return [round(maximum - rank * step) for rank in range(items)]
