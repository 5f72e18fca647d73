"""Which of the chunks that speak of the found entities and relations are read (b.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

from psycopg import sql

from retrieval.search import chunk_quota, filters, sql_rows
from retrieval.search.evidence import Facts
from retrieval.search.question import Question

# Only a chunk with a row in search_chunk can be found: its whole document is processed.
NEAREST = """
WITH asked AS MATERIALIZED (SELECT %(question)s::halfvec({dims}) AS vector),
of_entities AS MATERIALIZED (
    SELECT s.chunk_id, 1 - (s.vector::halfvec({dims}) <=> asked.vector) AS score
    FROM (SELECT DISTINCT chunk_id FROM graph_entitymention
          WHERE entity_id = ANY(%(entities)s)) m
    JOIN {chunks} s USING (chunk_id), asked
    WHERE {allowed}
    ORDER BY score DESC NULLS LAST, s.chunk_id LIMIT %(entity_chunks)s
), of_relations AS MATERIALIZED (
    SELECT s.chunk_id, 1 - (s.vector::halfvec({dims}) <=> asked.vector) AS score
    FROM (SELECT DISTINCT chunk_id FROM graph_relationmention
          WHERE relation_id = ANY(%(relations)s)
          EXCEPT SELECT chunk_id FROM of_entities) m
    JOIN {chunks} s USING (chunk_id), asked
    WHERE {allowed}
    ORDER BY score DESC NULLS LAST, s.chunk_id LIMIT %(relation_chunks)s
)
SELECT 'entity', chunk_id, score FROM of_entities
UNION ALL SELECT 'relation', chunk_id, score FROM of_relations
"""

MENTIONS = """
SELECT 'entity', m.entity_id, m.chunk_id
FROM (SELECT DISTINCT entity_id, chunk_id FROM graph_entitymention
      WHERE entity_id = ANY(%(entities)s)) m
JOIN {chunks} s USING (chunk_id) WHERE {allowed}
UNION ALL
SELECT 'relation', m.relation_id, m.chunk_id
FROM (SELECT DISTINCT relation_id, chunk_id FROM graph_relationmention
      WHERE relation_id = ANY(%(relations)s)) m
JOIN {chunks} s USING (chunk_id) WHERE {allowed}
"""

Chosen = tuple[Mapping[int, float], Mapping[int, float]]
"""Chunk ids with their scores, best first: by way of entities, by way of relations."""


def choose(question: Question, facts: Facts) -> Chosen:
    """Chunks for the facts that fit; one statement, none without facts."""
    if not facts.entities and not facts.relations:
        return {}, {}
    choice = by_weight if question.limits.pick_by_weight else by_vector
    return choice(question, facts)


def by_vector(question: Question, facts: Facts) -> Chosen:
    """The chunks nearest to the question: `related_chunks` for every two facts."""
    related = question.limits.related_chunks
    found = _rows(
        NEAREST,
        question,
        facts,
        {
            "question": question.vectors.question,
            "entity_chunks": related * len(facts.entities) // 2,
            "relation_chunks": related * len(facts.relations) // 2,
        },
    )
    return (
        {chunk: score for kind, chunk, score in found if kind == "entity"},
        {chunk: score for kind, chunk, score in found if kind == "relation"},
    )


def by_weight(question: Question, facts: Facts) -> Chosen:
    """Chunks by their facts' rank, scored by how many of the facts they speak of."""
    found = _rows(MENTIONS, question, facts, {})
    related = question.limits.related_chunks
    entities = [entity.id for entity in facts.entities]
    of_entities = _polled(entities, "entity", found, related, frozenset())
    relations = [relation.id for relation in facts.relations]
    taken = frozenset(of_entities)
    return of_entities, _polled(relations, "relation", found, related, taken)


def _polled(
    ids: Sequence[int],
    kind: str,
    found: Sequence[Any],
    related: int,
    taken: frozenset[int],
) -> dict[int, float]:
    mentions = [(fact, chunk) for row_kind, fact, chunk in found if row_kind == kind]
    owned, times = chunk_quota.chunks_by_fact(ids, mentions, taken)
    return {chunk: float(times[chunk]) for chunk in chunk_quota.poll(owned, related)}


def _rows(
    template: LiteralString,
    question: Question,
    facts: Facts,
    values: Mapping[str, Any],
) -> list[Any]:
    table = sql.Identifier(f"search_chunk_{question.workspace_id}")
    statement = sql.SQL(template).format(
        chunks=table,
        dims=sql.Literal(question.dimensions),
        allowed=filters.chunk(question.filters, "s.chunk_id"),
    )
    ids = {
        "entities": [entity.id for entity in facts.entities],
        "relations": [relation.id for relation in facts.relations],
    }
    return sql_rows.read(statement, {**ids, **question.filters.values, **values})
