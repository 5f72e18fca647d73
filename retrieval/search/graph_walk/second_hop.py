"""The second hop: from the best chunks to chunks that share a rare entity with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from psycopg import sql

from retrieval.index import tables
from retrieval.search import search_transaction
from retrieval.search.graph_walk.adjacency import Surroundings
from retrieval.search.question import Question

FIRST_CHUNKS = 2
"""Number of best chunks that the hop starts from."""
MAX_CHUNKS_OF_ENTITY = 60
"""Upper bound on the chunks that mention an entity which links them."""
HOP_WEIGHT = 0.3
BY_COSINE = 5
"""Number of leading chunks that are finally ordered by cosine: the graph finds the best
chunks, but the cosine tells which of them matches the question best."""
SUBTRACTED = 0.2
"""Share of the first chunk's vector that is subtracted from the question's vector."""

# Vectors are compared in the database. Only searchable chunks have a row here.
COSINES = """
SELECT s.chunk_id, 1 - (s.vector::halfvec({dims}) <=> %(question)s::halfvec({dims})),
    ARRAY(SELECT 1 - (s.vector::halfvec({dims}) <=> f.vector::halfvec({dims}))
          FROM unnest(%(firsts)s::bigint[]) WITH ORDINALITY AS first (id, position)
          LEFT JOIN {chunks} f ON f.chunk_id = first.id ORDER BY position)
FROM {chunks} s WHERE s.chunk_id = ANY(%(chunks)s)
"""


def rank(
    question: Question, walked: Mapping[int, float], graph: Surroundings
) -> dict[int, dict[str, float]]:
    """Rank the chunks of the walk and of the second hop; return scores, best first.

    `walked` holds the share of each chunk, best first. Two statements.
    """
    firsts = list(walked)[:FIRST_CHUNKS]
    if not firsts:
        return {}
    linked = _linked_chunks(firsts, graph)
    chunks = {*walked, *(chunk for group in linked for chunk in group)}
    cosines = _cosines(question, firsts, chunks)
    scores = {chunk: {"walk": walked.get(chunk, 0.0)} for chunk in cosines}
    for position, (first, group) in enumerate(zip(firsts, linked, strict=True)):
        if first not in cosines:
            continue
        first_cosine = cosines[first][0]
        for chunk in group & cosines.keys():
            cosine, with_firsts = cosines[chunk]
            cosine_with_rest = _cosine_with_rest(
                cosine, with_firsts[position], first_cosine
            )
            bonus = HOP_WEIGHT * walked[first] * max(cosine_with_rest, 0.0)
            scores[chunk]["hop"] = max(bonus, scores[chunk].get("hop", 0.0))
    order = sorted(scores, key=lambda chunk: sum(scores[chunk].values()), reverse=True)
    head = sorted(order[:BY_COSINE], key=lambda chunk: cosines[chunk][0], reverse=True)
    return {chunk: scores[chunk] for chunk in (*head, *order[BY_COSINE:])}


def _cosine_with_rest(cosine: float, with_first: float, first_cosine: float) -> float:
    """Return cos(q - SUBTRACTED f, c) from cos(q, c), cos(f, c) and cos(q, f)."""
    length: float = (1 + SUBTRACTED**2 - 2 * SUBTRACTED * first_cosine) ** 0.5
    return (cosine - SUBTRACTED * with_first) / length


def _linked_chunks(firsts: Sequence[int], graph: Surroundings) -> list[set[int]]:
    """Return, for each first chunk, the other chunks that share a rare entity with it."""
    entities = [graph.neighbours([-first]) for first in firsts]
    graph.expand({entity for group in entities for entity in group})
    return [
        _linked_by(group, graph) - {first}
        for first, group in zip(firsts, entities, strict=True)
    ]


def _linked_by(entities: Sequence[int], graph: Surroundings) -> set[int]:
    counts = graph.chunk_counts(entities)
    rare = [entity for entity in entities if counts[entity] <= MAX_CHUNKS_OF_ENTITY]
    return {-node for node in graph.neighbours(rare) if node < 0}


def _cosines(
    question: Question, firsts: Sequence[int], chunks: set[int]
) -> dict[int, tuple[float, list[float]]]:
    """Return each searchable chunk's cosines with the question and the first chunks."""
    statement = sql.SQL(COSINES).format(
        chunks=tables.rows("chunk", question.index_id),
        dims=sql.Literal(question.dimensions),
    )
    values = {
        "question": question.vectors.question,
        "firsts": list(firsts),
        "chunks": list(chunks),
    }
    return {
        chunk: (cosine or 0.0, [other or 0.0 for other in with_firsts])
        for chunk, cosine, with_firsts in search_transaction.fetch(statement, values)
    }
