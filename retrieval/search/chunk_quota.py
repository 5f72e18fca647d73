"""Chunks chosen by the rank of the facts they speak of (docs/lightrag.md B.5, WEIGHT). Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence


def chunks_by_fact(
    facts: Sequence[int], mentions: Iterable[tuple[int, int]], taken: frozenset[int]
) -> tuple[list[list[int]], Counter[int]]:
    """Each fact's chunks, most mentioned first, and how often each chunk is mentioned.

    `mentions` are (fact, chunk). A chunk belongs to the first fact that mentions it;
    those in `taken` belong to none.
    """
    places = {fact: place for place, fact in enumerate(facts)}
    owners: dict[int, int] = {}
    times: Counter[int] = Counter()
    for fact, chunk in mentions:
        if fact in places and chunk not in taken:
            times[chunk] += 1
            owners[chunk] = min(places[fact], owners.get(chunk, len(places)))
    owned: list[list[int]] = [[] for _ in facts]
    for chunk in sorted(owners, key=lambda chunk: (-times[chunk], chunk)):
        owned[owners[chunk]].append(chunk)
    return owned, times


def poll(owned: Sequence[Sequence[int]], most: int) -> list[int]:
    """`most` chunks of the first fact, falling evenly to one of the last.

    What a fact cannot fill goes one by one to the first facts that have more.
    """
    quotas = _quotas(len(owned), most)
    counts = [min(quota, len(own)) for quota, own in zip(quotas, owned, strict=True)]
    spare = sum(quotas) - sum(counts)
    while spare > 0:
        hungry = [i for i, own in enumerate(owned) if counts[i] < len(own)][:spare]
        if not hungry:
            break
        for i in hungry:
            counts[i] += 1
        spare -= len(hungry)
    return [
        chunk for own, count in zip(owned, counts, strict=True) for chunk in own[:count]
    ]


def _quotas(facts: int, most: int) -> list[int]:
    fall = (most - 1) / (facts - 1) if facts > 1 else 0
    return [round(most - place * fall) for place in range(facts)]
