"""Run the retrievers of a question, and rank the entities, relations and chunks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from retrieval.index import lexical
from retrieval.index.tables import Kind
from retrieval.search import question as questions
from retrieval.search import rank_fusion, retrievers, search_transaction, unembedded
from retrieval.search.filters import NO_FILTERS
from retrieval.search.question import Question, VectorName
from retrieval.search.retrievers import Retriever


@dataclass(frozen=True, slots=True)
class Hits:
    """Hits of one kind: ids, best first, and each id's score by retriever.

    The score of a vector retriever is the cosine, that of MENTION the score of
    `unembedded.rank`, that of the others 1 / rank.
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
    the keywords come first. A second statement follows if filters allow few rows, and
    two for each kind of which fewer rows than the limit have a vector.
    """
    used = retrievers.distinct(question, using)
    rows = _read(question, used)
    if question.filters and not question.exact and _is_short(question, used, rows):
        # The index scan may have stopped before it reached all allowed rows.
        rows = _read(replace(question, exact=True), used)
    for retriever in retrievers.MENTIONED:
        if mentioned := _mentioned(retriever, question, used, rows):
            used = [*used, retriever]
            rows = [*rows, *mentioned]
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
    statement = retrievers.statement(question, used)
    return search_transaction.fetch(statement, retrievers.values(question))


def _is_short(
    question: Question, used: Sequence[Retriever], rows: Sequence[Row]
) -> bool:
    """Return True if a vector retriever returned fewer rows than its limit.

    A scan without the index would not return rows without a vector either.
    """
    counts = Counter(row[0] for row in rows)
    return any(
        counts[retriever.key]
        < getattr(question.limits, retrievers.limit_name(retriever))
        and (counts[retriever.key] or _has_vectors(question, retriever))
        for retriever in used
        if retriever.vector
    )


def _has_vectors(question: Question, retriever: Retriever) -> bool:
    """Return whether any row of the retriever's kind has a vector. One statement."""
    limits = replace(question.limits, top_k=1, chunk_top_k=1)
    any_row = replace(question, filters=NO_FILTERS, limits=limits)
    return any(cosine is not None for *_, cosine in _read(any_row, [retriever]))


def _mentioned(
    retriever: Retriever,
    question: Question,
    used: Sequence[Retriever],
    rows: Sequence[Row],
) -> list[Row]:
    """Return what the nearest chunks mention, if too few rows of its kind have a vector."""
    by_vector = {r.key: r.vector for r in used if r.kind == retriever.kind and r.vector}
    counts = Counter(row[0] for row in rows)
    if all(counts[key] >= question.limits.top_k for key in by_vector):
        return []
    vector = next(iter(by_vector.values()))
    chunks = _nearest_chunks(question, vector, used, rows)
    text = question.text_of(vector)
    scores = unembedded.rank(question, retriever.kind, text, chunks)
    return [(retriever.key, id, "", score) for id, score in scores.items()]


def _nearest_chunks(
    question: Question,
    vector: VectorName,
    used: Sequence[Retriever],
    rows: Sequence[Row],
) -> dict[int, float]:
    """Return cosines of the chunks found by vector and by words, in turns.

    One statement, unless `rows` has them. A chunk that is found by words alone has the
    cosine of the last one that is found by vector.
    """
    both = (*retrievers.CHUNKS, *retrievers.CHUNKS_BY_WORDS)
    searched = getattr(question.vectors, vector)
    if not set(both) <= set(used) or searched != question.vectors.question:
        vectors = replace(question.vectors, question=searched)
        rows = _read(replace(question, vectors=vectors), both)
    cosines, by_words = (
        _ranking(
            retriever,
            question.limits.cosine_threshold,
            [row for row in rows if row[0] == retriever.key],
        )
        for retriever in both
    )
    lowest = min(cosines.values(), default=0.0)
    order = rank_fusion.round_robin([list(cosines), list(by_words)])
    return {chunk: cosines.get(chunk, lowest) for chunk in order}


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
    if retriever.name == retrievers.MENTION:
        return {id: score for _, id, _, score in rows if score is not None}
    if not retriever.vector:
        return {row[1]: 1 / rank for rank, row in enumerate(rows, start=1)}
    # An iterative index scan returns rows only approximately in order.
    with_cosine = [(cosine, id) for _, id, _, cosine in rows if cosine is not None]
    return {
        id: cosine
        for cosine, id in sorted(with_cosine, reverse=True)
        if cosine >= threshold
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
