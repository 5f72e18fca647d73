"""Run the retrievers of a question, and rank the entities, relations and chunks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from retrieval.index import lexical
from retrieval.search import question as questions
from retrieval.search import rank_fusion, retrievers, search_transaction
from retrieval.search.question import Question
from retrieval.search.retrievers import Kind, Retriever


@dataclass(frozen=True, slots=True)
class Hits:
    """Hits of one kind: ids, best first, and each id's score by retriever.

    The score of a vector retriever is the cosine, that of the others 1 / rank.
    """

    ids: tuple[int, ...] = ()
    scores: Mapping[int, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seeds:
    """The hits of all retrievers: where the search of the graph starts."""

    entities: Hits
    relations: Hits
    chunks: Hits
    named: frozenset[int] = frozenset()
    """Entities whose whole name occurs in the question."""


Row = tuple[str, int, str, float | None]
"""A row of `retrievers.statement`."""


def run(question: Question, using: Sequence[Retriever]) -> Seeds:
    """Return the fused hits of these retrievers. One statement.

    Vector hits below the cosine threshold are dropped. Entities whose whole name is in
    the keywords come first. A second statement follows if filters allow few rows.
    """
    used = retrievers.distinct(question, using)
    rows = _read(question, used)
    if question.filters and not question.exact and _is_short(question, used, rows):
        # The index scan may have stopped before it reached all allowed rows.
        rows = _read(replace(question, exact=True), used)
    by_retriever: dict[str, list[Row]] = {}
    for row in rows:
        by_retriever.setdefault(row[0], []).append(row)
    entities = _fuse("entity", question, used, by_retriever)
    relations = _fuse("relation", question, used, by_retriever)
    top_k = question.limits.top_k
    in_keywords = _named_in_keywords(question, rows)
    ids = sorted(entities.ids, key=lambda id: id not in in_keywords)
    return Seeds(
        entities=Hits(tuple(ids[:top_k]), entities.scores),
        relations=Hits(relations.ids[:top_k], relations.scores),
        chunks=_fuse("chunk", question, used, by_retriever),
        named=_named_in_question(rows),
    )


def _read(question: Question, used: Sequence[Retriever]) -> list[Row]:
    statement = retrievers.statement(question, used, bm25=retrievers.has_bm25())
    return search_transaction.fetch(statement, retrievers.values(question))


def _is_short(
    question: Question, used: Sequence[Retriever], rows: Sequence[Row]
) -> bool:
    """Return True if a vector retriever returned fewer rows than its limit."""
    counts = Counter(row[0] for row in rows)
    return any(
        counts[retriever.key]
        < getattr(question.limits, retrievers.limit_name(retriever))
        for retriever in used
        if retriever.vector
    )


def _fuse(
    kind: Kind,
    question: Question,
    used: Sequence[Retriever],
    rows: Mapping[str, Sequence[Row]],
) -> Hits:
    scores: dict[int, dict[str, float]] = {}
    rankings = []
    for retriever in used:
        if retriever.kind != kind or retriever.name == retrievers.NAME_IN_QUESTION:
            continue
        own_rows = rows.get(retriever.key, ())
        ranking = _ranking(retriever, question.limits.cosine_threshold, own_rows)
        rankings.append(list(ranking))
        for id, score in ranking.items():
            scores.setdefault(id, {})[retriever.name] = score
    return Hits(tuple(rank_fusion.reciprocal_rank(rankings)), scores)


def _ranking(
    retriever: Retriever, threshold: float, rows: Sequence[Row]
) -> dict[int, float]:
    if not retriever.vector:
        return {row[1]: 1 / rank for rank, row in enumerate(rows, start=1)}
    # An iterative index scan returns rows only approximately in order.
    near = [(cosine, id) for _, id, _, cosine in rows if cosine is not None]
    return {
        id: cosine for cosine, id in sorted(near, reverse=True) if cosine >= threshold
    }


def _named_in_keywords(question: Question, rows: Sequence[Row]) -> frozenset[int]:
    """Return entities found by name, or whose name's words are a run of the keywords."""
    keywords = f" {lexical.segment(question.low)} "
    by_name = Retriever("entity", retrievers.NAME).key
    return frozenset(
        id
        for key, id, words, _ in rows
        if key == by_name or (words and f" {words} " in keywords)
    )


def _named_in_question(rows: Sequence[Row]) -> frozenset[int]:
    in_question = Retriever("entity", retrievers.NAME_IN_QUESTION).key
    return questions.longest(
        {id: words for key, id, words, _ in rows if key == in_question}
    )
