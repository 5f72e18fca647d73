"""Rank chunks by a walk over the graph that starts at the search's hits.

A personalized PageRank over entities and chunks as in HippoRAG 2 (arXiv 2502.14802), on
the part of the graph around the hits; then a second hop to chunks that share a rare
entity with one of the best chunks and add something to it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from retrieval.search.graph_walk import pagerank, second_hop
from retrieval.search.graph_walk.adjacency import Surroundings
from retrieval.search.hybrid_search import Hits, Seeds
from retrieval.search.question import Question
from retrieval.search.retrievers import MENTION

DAMPING = 0.45
SEED_RELATIONS = 3
SEED_CHUNKS = 40
NAMED_WEIGHT = 0.3
CHUNK_WEIGHT = 0.1
LEXICAL_SEEDS = 10
LEXICAL_WEIGHT = 0.03
"""Weight of the first chunk found by words; the second has a half, the third a third."""
MAX_EXPANDED = 400
"""Upper bound on the neighbours of the seeds whose edges are read too."""
CANDIDATES = 100
"""Upper bound on the chunks of the walk that are ranked."""


@dataclass(frozen=True, slots=True)
class Start:
    """Where the walk starts.

    `relations` by cosine or by the score of `retrieval.search.unembedded`, `chunks` by
    cosine, chunks found by words by 1 / rank, and entities
    that the question names.
    """

    relations: Mapping[int, float]
    chunks: Mapping[int, float]
    lexical_chunks: Mapping[int, float]
    named: frozenset[int]


def run(question: Question, seeds: Seeds) -> dict[int, dict[str, float]]:
    """Return chunks, best first, each with its scores by retriever. Four statements.

    `walk` is the chunk's share of the walk (the best has 1), `hop` the bonus of the
    second hop.
    """
    graph = Surroundings(question.workspace_id, question.index_id, question.filters)
    start = _start(seeds)
    chunks = [-chunk for chunk in {**start.chunks, **start.lexical_chunks}]
    ends = graph.expand([*start.named, *chunks], list(start.relations))
    restart = restart_weights(start, ends, graph)
    graph.expand(_frontier(pagerank.mass(graph.edges, restart, DAMPING), graph))
    mass = pagerank.mass(graph.edges, restart, DAMPING)
    ranked = second_hop.rank(question, _chunk_shares(mass), graph)
    return {
        chunk: {**seeds.chunks.scores.get(chunk, {}), **scores}
        for chunk, scores in ranked.items()
    }


def _start(seeds: Seeds) -> Start:
    return Start(
        relations=_best(
            seeds.relations, ("question", "vector", MENTION), SEED_RELATIONS
        ),
        chunks=_best(seeds.chunks, ("vector",), SEED_CHUNKS),
        lexical_chunks=_best(seeds.chunks, ("lexical",), LEXICAL_SEEDS),
        named=seeds.named,
    )


def _best(hits: Hits, retrievers: Sequence[str], count: int) -> dict[int, float]:
    """Return the best hits of the first of these retrievers that has any."""
    for name in retrievers:
        scores = {id: by[name] for id, by in hits.scores.items() if name in by}
        if scores:
            order = sorted(scores, key=scores.__getitem__, reverse=True)
            return {id: scores[id] for id in order[:count]}
    return {}


def restart_weights(
    start: Start, ends: Mapping[int, tuple[int, int]], graph: Surroundings
) -> dict[int, float]:
    """Return the restart weight of each node.

    An entity that many chunks mention is less specific: the weight of a relation's end is
    divided by their number, that of an entity named in the question by its square root.
    """
    entities = {end for pair in ends.values() for end in pair} | start.named
    counts = graph.chunk_counts(list(entities))
    weights: dict[int, float] = {}
    cosines = _relative(start.relations)
    for entity in entities:
        relation_cosines = [
            cosines[relation] for relation, pair in ends.items() if entity in pair
        ]
        mean = sum(relation_cosines) / max(len(relation_cosines), 1)
        named = NAMED_WEIGHT * counts[entity] ** -0.5 if entity in start.named else 0.0
        weights[entity] = mean / counts[entity] + named
    for chunk, share in _relative(start.chunks).items():
        weights[-chunk] = CHUNK_WEIGHT * share
    for chunk, share in start.lexical_chunks.items():
        weights[-chunk] = weights.get(-chunk, 0.0) + LEXICAL_WEIGHT * share
    return weights


def _relative(cosines: Mapping[int, float]) -> dict[int, float]:
    """Divide each cosine by the best; return 1 for all if none is positive."""
    best = max(cosines.values(), default=0.0)
    if best <= 0:
        return dict.fromkeys(cosines, 1.0)
    return {id: max(cosine, 0.0) / best for id, cosine in cosines.items()}


def _frontier(mass: Mapping[int, float], graph: Surroundings) -> list[int]:
    """Return the nodes with most mass whose edges have not been read."""
    unread = [node for node in mass if node not in graph.read]
    return sorted(unread, key=mass.__getitem__, reverse=True)[:MAX_EXPANDED]


def _chunk_shares(mass: Mapping[int, float]) -> dict[int, float]:
    """Return the best chunks' mass relative to the best of them, best first."""
    shares = {-node: share for node, share in mass.items() if node < 0}
    order = sorted(shares, key=shares.__getitem__, reverse=True)[:CANDIDATES]
    return {chunk: shares[chunk] / shares[order[0]] for chunk in order}
