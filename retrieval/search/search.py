"""What a question finds by itself: entities, relations and chunks, each kind ranked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from retrieval.index import lexical
from retrieval.search import question as questions
from retrieval.search import rank_fusion, retrievers, sql_rows
from retrieval.search.question import Question
from retrieval.search.retrievers import Kind, Leg


@dataclass(frozen=True, slots=True)
class Hits:
    """Of one kind: ids, best first, and what each leg said of an id.

    A vector leg says the cosine, the others 1 / place.
    """

    ids: tuple[int, ...] = ()
    scores: Mapping[int, Mapping[str, float]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Seeds:
    """What is found before the graph is walked."""

    entities: Hits
    relations: Hits
    chunks: Hits
    spoken: frozenset[int] = frozenset()
    """Entities that the question calls by their names."""


Row = tuple[str, int, str, float | None]


def run(question: Question, wanted: Sequence[Leg]) -> Seeds:
    """Every leg's hits, fused by kind. One statement, whatever the legs.

    A vector leg keeps what reaches the cosine threshold. Entities whose whole name
    stands in the keywords come first.
    """
    asked = retrievers.distinct(question, wanted)
    found = _read(question, asked)
    if question.filters and not question.exact and _is_short(question, asked, found):
        # An index that was left before it had enough may have left allowed rows behind.
        found = _read(replace(question, exact=True), asked)
    by_leg: dict[str, list[Row]] = {}
    for row in found:
        by_leg.setdefault(row[0], []).append(row)
    entities = _fused("entity", question, asked, by_leg)
    relations = _fused("relation", question, asked, by_leg)
    top_k = question.limits.top_k
    named = _named(question, found)
    ids = sorted(entities.ids, key=lambda id: id not in named)
    return Seeds(
        entities=Hits(tuple(ids[:top_k]), entities.scores),
        relations=Hits(relations.ids[:top_k], relations.scores),
        chunks=_fused("chunk", question, asked, by_leg),
        spoken=_spoken(found),
    )


def _read(question: Question, asked: Sequence[Leg]) -> list[Row]:
    statement = retrievers.statement(question, asked, bm25=retrievers.has_bm25())
    return sql_rows.read(statement, retrievers.values(question))


def _is_short(question: Question, asked: Sequence[Leg], found: Sequence[Row]) -> bool:
    """Whether a vector leg has found fewer than it was asked for."""
    counts = Counter(row[0] for row in found)
    return any(
        counts[leg.key] < getattr(question.limits, retrievers.limit_of(leg))
        for leg in asked
        if leg.vector
    )


def _fused(
    kind: Kind,
    question: Question,
    asked: Sequence[Leg],
    found: Mapping[str, Sequence[Row]],
) -> Hits:
    scores: dict[int, dict[str, float]] = {}
    rankings = []
    for leg in asked:
        if leg.kind != kind or leg.name == retrievers.SPOKEN:
            continue
        own = found.get(leg.key, ())
        ranking = _ranking(leg, question.limits.cosine_threshold, own)
        rankings.append(list(ranking))
        for id, score in ranking.items():
            scores.setdefault(id, {})[leg.name] = score
    return Hits(tuple(rank_fusion.reciprocal_rank(rankings)), scores)


def _ranking(leg: Leg, threshold: float, own: Sequence[Row]) -> dict[int, float]:
    if not leg.vector:
        return {row[1]: 1 / place for place, row in enumerate(own, start=1)}
    # An iterative scan gives its rows only nearly in order.
    near = [(cosine, id) for _, id, _, cosine in own if cosine is not None]
    return {
        id: cosine for cosine, id in sorted(near, reverse=True) if cosine >= threshold
    }


def _named(question: Question, found: Sequence[Row]) -> frozenset[int]:
    """Entities found by exact name, or whose words stand together in the keywords."""
    spoken = f" {lexical.segment(question.low)} "
    by_name = Leg("entity", retrievers.NAME).key
    return frozenset(
        id
        for key, id, words, _ in found
        if key == by_name or (words and f" {words} " in spoken)
    )


def _spoken(found: Sequence[Row]) -> frozenset[int]:
    by_words = Leg("entity", retrievers.SPOKEN).key
    return questions.longest(
        {id: words for key, id, words, _ in found if key == by_words}
    )
