"""The search of each mode. All of them read the database and call no model.

See docs/lightrag.md B.10.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from retrieval.search import (
    chunk_ranking,
    chunk_selection,
    hybrid_search,
    neighbours,
    retrievers,
    search_transaction,
    token_budget,
)
from retrieval.search.evidence import Evidence
from retrieval.search.graph_walk import walk
from retrieval.search.params import Mode
from retrieval.search.question import Question
from retrieval.search.retrievers import Retriever


def naive(question: Question) -> Evidence:
    """Return the chunks nearest to the question, without the graph."""
    return gather(question, retrievers.CHUNKS)


def local(question: Question) -> Evidence:
    """Return entities near the low-level keywords, their relations and chunks."""
    return gather(question, retrievers.ENTITIES)


def global_(question: Question) -> Evidence:
    """Return relations near the high-level keywords, their entities and chunks."""
    return gather(question, retrievers.RELATIONS)


def hybrid(question: Question) -> Evidence:
    """Return the results of local and global."""
    return gather(question, (*retrievers.ENTITIES, *retrievers.RELATIONS))


def mix(question: Question) -> Evidence:
    """Return hybrid's entities and relations, and chunks ranked by a graph walk."""
    seeds = hybrid_search.run(_with_walk_seeds(question), retrievers.ALL)
    graph = token_budget.select_graph(neighbours.read(question, seeds), question.limits)
    scores = walk.run(question, seeds)
    chunks = chunk_ranking.read(list(scores)[: question.candidates], scores)
    return Evidence(graph, tuple(chunks), len(scores))


def _with_walk_seeds(question: Question) -> Question:
    """Return the question with a limit that finds enough chunks to start a walk."""
    chunk_top_k = max(question.limits.chunk_top_k, walk.SEED_CHUNKS)
    return replace(question, limits=replace(question.limits, chunk_top_k=chunk_top_k))


def bypass(question: Question) -> Evidence:
    """Return nothing: the model answers alone."""
    return Evidence()


MODES: Mapping[Mode, Callable[[Question], Evidence]] = {
    Mode.NAIVE: naive,
    Mode.LOCAL: local,
    Mode.GLOBAL: global_,
    Mode.HYBRID: hybrid,
    Mode.MIX: mix,
    Mode.BYPASS: bypass,
}


def steps(mode: Mode) -> tuple[str, ...]:
    """Return LightRAG's names of the mode's progress steps (docs/lightrag.md A.3)."""
    if mode is Mode.BYPASS:
        return ()
    if mode is Mode.NAIVE:
        return ("retrieving_chunks",)
    graph = ("retrieving_entities", "retrieving_relations")
    return (*graph, "retrieving_chunks") if mode is Mode.MIX else graph


def find(question: Question) -> Evidence:
    """Run the search of the question's mode in a transaction.

    Raises ModelChanged if the workspace has moved to another embedding model.
    """
    if question.mode is Mode.BYPASS:
        return bypass(question)
    with search_transaction.begin(question) as prepared:
        return MODES[question.mode](prepared)


def gather(question: Question, using: Sequence[Retriever]) -> Evidence:
    """Return the seeds' neighbourhood and the chunks that mention it."""
    seeds = hybrid_search.run(question, using)
    graph = token_budget.select_graph(neighbours.read(question, seeds), question.limits)
    selected = chunk_selection.select(question, graph)
    scores = chunk_ranking.merge(seeds.chunks, selected)
    chunks = chunk_ranking.read(list(scores)[: question.candidates], scores)
    return Evidence(graph, tuple(chunks), len(scores))
