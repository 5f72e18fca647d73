"""From what a question finds by itself to the passages two steps away.

A personalized PageRank as in HippoRAG 2 (arXiv 2502.14802) over entities and passages,
on the part of the graph that lies around the seeds, and after it a second hop: what
shares a rare entity with one of the best passages, and says what that one does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from retrieval.search.graph_walk import pagerank, second_hop
from retrieval.search.graph_walk.adjacency import Surroundings
from retrieval.search.question import Question
from retrieval.search.search import Hits, Seeds

DAMPING = 0.45
FACTS = 3
PASSAGES = 40
NAMED_WEIGHT = 0.3
PASSAGE_WEIGHT = 0.1
WORDED = 10
WORDED_WEIGHT = 0.03
"""Of the first passage by words; the second has half of it, the third a third."""
BREADTH = 400
"""Nodes beside the seeds whose own edges are read too, those most walked to first."""
CANDIDATES = 100
"""Passages of the walk that are ranked."""


@dataclass(frozen=True, slots=True)
class Begin:
    """Where a walk begins: facts and passages with their cosines, passages by words
    with 1 / place, entities by name."""

    facts: Mapping[int, float]
    passages: Mapping[int, float]
    worded: Mapping[int, float]
    named: frozenset[int]


def run(question: Question, seeds: Seeds) -> dict[int, dict[str, float]]:
    """Chunks, best first, each with its share of the walk (`walk`, the best has 1) and
    what the second hop added (`hop`). Four statements."""
    around = Surroundings(question.workspace_id, question.filters)
    begin = _begin(seeds)
    chunks = [-chunk for chunk in {**begin.passages, **begin.worded}]
    ends = around.expand([*begin.named, *chunks], list(begin.facts))
    restart = weights(begin, ends, around)
    around.expand(_frontier(pagerank.mass(around.edges, restart, DAMPING), around))
    reached = pagerank.mass(around.edges, restart, DAMPING)
    found = second_hop.second(question, _of_passages(reached), around)
    return {
        chunk: {**seeds.chunks.scores.get(chunk, {}), **legs}
        for chunk, legs in found.items()
    }


def _begin(seeds: Seeds) -> Begin:
    return Begin(
        facts=_best(seeds.relations, ("question", "vector"), FACTS),
        passages=_best(seeds.chunks, ("vector",), PASSAGES),
        worded=_best(seeds.chunks, ("lexical",), WORDED),
        named=seeds.spoken,
    )


def _best(hits: Hits, legs: Sequence[str], most: int) -> dict[int, float]:
    """By what the first of `legs` that brought anything says of them."""
    for leg in legs:
        cosines = {id: said[leg] for id, said in hits.scores.items() if leg in said}
        if cosines:
            order = sorted(cosines, key=cosines.__getitem__, reverse=True)
            return {id: cosines[id] for id in order[:most]}
    return {}


def weights(
    begin: Begin, ends: Mapping[int, tuple[int, int]], around: Surroundings
) -> dict[int, float]:
    """How often the walk begins at which node.

    An entity that many passages speak of says less: a fact's end counts as much as one
    of its passages, one named in the question as the root of that.
    """
    entities = {end for pair in ends.values() for end in pair} | begin.named
    spoken = around.passages(list(entities))
    found: dict[int, float] = {}
    facts = _relative(begin.facts)
    for entity in entities:
        scores = [facts[fact] for fact, pair in ends.items() if entity in pair]
        near = sum(scores) / max(len(scores), 1)
        named = NAMED_WEIGHT * spoken[entity] ** -0.5 if entity in begin.named else 0.0
        found[entity] = near / spoken[entity] + named
    for chunk, share in _relative(begin.passages).items():
        found[-chunk] = PASSAGE_WEIGHT * share
    for chunk, share in begin.worded.items():
        found[-chunk] = found.get(-chunk, 0.0) + WORDED_WEIGHT * share
    return found


def _relative(cosines: Mapping[int, float]) -> dict[int, float]:
    """Each cosine as a part of the best; all alike where none is above 0."""
    best = max(cosines.values(), default=0.0)
    if best <= 0:
        return dict.fromkeys(cosines, 1.0)
    return {id: max(cosine, 0.0) / best for id, cosine in cosines.items()}


def _frontier(reached: Mapping[int, float], around: Surroundings) -> list[int]:
    unread = [node for node in reached if node not in around.read]
    return sorted(unread, key=reached.__getitem__, reverse=True)[:BREADTH]


def _of_passages(reached: Mapping[int, float]) -> dict[int, float]:
    """The best passages by their share, relative to the best."""
    shares = {-node: share for node, share in reached.items() if node < 0}
    order = sorted(shares, key=shares.__getitem__, reverse=True)[:CANDIDATES]
    return {chunk: shares[chunk] / shares[order[0]] for chunk in order}
