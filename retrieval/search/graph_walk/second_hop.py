"""The second hop: from the best passages to what shares a rare entity with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from psycopg import sql

from retrieval.search import sql_rows
from retrieval.search.graph_walk.adjacency import Surroundings
from retrieval.search.question import Question

FIRSTS = 2
"""Passages that are hopped from."""
MAX_PASSAGES = 60
"""An entity that more passages speak of links nothing."""
WEIGHT = 0.3
FIRST = 5
"""Passages that go by their nearness to the question among themselves in the end: the
graph says which are first, but not which of them says most by itself."""
LESS = 0.2
"""How much of the first passage is taken from the question, to ask for the rest."""

# Vectors are compared where they are. Only findable chunks have a row here.
COSINES = """
SELECT s.chunk_id, 1 - (s.vector::halfvec({dims}) <=> %(question)s::halfvec({dims})),
    ARRAY(SELECT 1 - (s.vector::halfvec({dims}) <=> f.vector::halfvec({dims}))
          FROM unnest(%(firsts)s::bigint[]) WITH ORDINALITY AS first (id, place)
          LEFT JOIN {chunks} f ON f.chunk_id = first.id ORDER BY place)
FROM {chunks} s WHERE s.chunk_id = ANY(%(chunks)s)
"""


def second(
    question: Question, walked: Mapping[int, float], around: Surroundings
) -> dict[int, dict[str, float]]:
    """The walked passages and those one hop from the best, best first.

    The best must come first in `walked`. Two statements.
    """
    firsts = list(walked)[:FIRSTS]
    if not firsts:
        return {}
    beside = _neighbours(firsts, around)
    cosines = _cosines(
        question, firsts, {*walked, *(c for some in beside for c in some)}
    )
    legs = {chunk: {"walk": walked.get(chunk, 0.0)} for chunk in cosines}
    for place, (first, near) in enumerate(zip(firsts, beside, strict=True)):
        if first not in cosines:
            continue
        shared = cosines[first][0]
        for chunk in near & cosines.keys():
            own, others = cosines[chunk]
            rest = _without(own, others[place], shared)
            bonus = WEIGHT * walked[first] * max(rest, 0.0)
            legs[chunk]["hop"] = max(bonus, legs[chunk].get("hop", 0.0))
    order = sorted(legs, key=lambda chunk: sum(legs[chunk].values()), reverse=True)
    nearest = sorted(order[:FIRST], key=lambda chunk: cosines[chunk][0], reverse=True)
    return {chunk: legs[chunk] for chunk in (*nearest, *order[FIRST:])}


def _without(own: float, other: float, shared: float) -> float:
    """cos(q - LESS f, p) from cos(q, p), cos(f, p) and cos(q, f)."""
    length: float = (1 + LESS**2 - 2 * LESS * shared) ** 0.5
    return (own - LESS * other) / length


def _neighbours(firsts: Sequence[int], around: Surroundings) -> list[set[int]]:
    """For each first passage, the others that a rare entity links it with."""
    entities = [around.beside([-first]) for first in firsts]
    around.expand({entity for some in entities for entity in some})
    return [
        _linked(first, some, around)
        for first, some in zip(firsts, entities, strict=True)
    ]


def _linked(first: int, entities: Sequence[int], around: Surroundings) -> set[int]:
    spoken = around.passages(entities)
    rare = [entity for entity in entities if spoken[entity] <= MAX_PASSAGES]
    return {-node for node in around.beside(rare) if node < 0} - {first}


def _cosines(
    question: Question, firsts: Sequence[int], chunks: set[int]
) -> dict[int, tuple[float, list[float]]]:
    """Of each findable chunk: with the question, and with the first passages."""
    statement = sql.SQL(COSINES).format(
        chunks=sql.Identifier(f"search_chunk_{question.workspace_id}"),
        dims=sql.Literal(question.dimensions),
    )
    values = {
        "question": question.vectors.question,
        "firsts": list(firsts),
        "chunks": list(chunks),
    }
    return {
        chunk: (own or 0.0, [other or 0.0 for other in others])
        for chunk, own, others in sql_rows.read(statement, values)
    }
