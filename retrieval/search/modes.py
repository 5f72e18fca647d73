"""Where each mode looks. All of them read the database and ask no model (docs/lightrag.md B.10)."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from retrieval.context import token_budget
from retrieval.search import (
    chunk_ranking,
    chunk_selection,
    neighbours,
    retrievers,
    search,
    search_transaction,
)
from retrieval.search.evidence import Evidence
from retrieval.search.graph_walk import walk
from retrieval.search.params import Mode
from retrieval.search.question import Question
from retrieval.search.retrievers import Leg

EVERYTHING = (
    *retrievers.ENTITIES,
    *retrievers.FACTS,
    *retrievers.PASSAGES,
    *retrievers.WORDS,
    *retrievers.NAMES,
)


def naive(question: Question) -> Evidence:
    """Passages near the question; no graph."""
    return gather(question, retrievers.PASSAGES)


def local(question: Question) -> Evidence:
    """Entities near the low-level keywords, their relations, what speaks of them."""
    return gather(question, retrievers.ENTITIES)


def global_(question: Question) -> Evidence:
    """Relations near the high-level keywords, their ends, what speaks of them."""
    return gather(question, retrievers.FACTS)


def hybrid(question: Question) -> Evidence:
    """Local and global."""
    return gather(question, (*retrievers.ENTITIES, *retrievers.FACTS))


def mix(question: Question) -> Evidence:
    """The facts of hybrid, and the passages that a walk over the graph leads to."""
    seeds = search.run(_wider(question), EVERYTHING)
    facts = token_budget.facts(neighbours.read(question, seeds), question.limits)
    found = walk.run(question, seeds)
    read = chunk_ranking.read(list(found)[: question.candidates], found)
    return Evidence(facts, tuple(read), len(found))


def _wider(question: Question) -> Question:
    """With as many passages as a walk begins from."""
    most = max(question.limits.chunk_top_k, walk.PASSAGES)
    return replace(question, limits=replace(question.limits, chunk_top_k=most))


def bypass(question: Question) -> Evidence:
    """Nothing is looked for: the model answers alone."""
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
    """What is retrieved in this mode, in upstream's names of progress steps."""
    if mode is Mode.BYPASS:
        return ()
    if mode is Mode.NAIVE:
        return ("retrieving_chunks",)
    graph = ("retrieving_entities", "retrieving_relations")
    return (*graph, "retrieving_chunks") if mode is Mode.MIX else graph


def look(question: Question) -> Evidence:
    """All that the question's mode finds: five statements at most, in a transaction."""
    if question.mode is Mode.BYPASS:
        return bypass(question)
    with search_transaction.tuned(question) as tuned:
        return MODES[question.mode](tuned)


def gather(question: Question, wanted: Sequence[Leg]) -> Evidence:
    """Seeds, their neighbourhood, the chunks that speak of it, the texts of these."""
    seeds = search.run(question, wanted)
    facts = token_budget.facts(neighbours.read(question, seeds), question.limits)
    chosen = chunk_selection.choose(question, facts)
    found = chunk_ranking.merge(seeds.chunks, chosen)
    read = chunk_ranking.read(list(found)[: question.candidates], found)
    return Evidence(facts, tuple(read), len(found))
