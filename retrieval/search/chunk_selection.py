"""Select chunks that mention the found entities and relations (docs/lightrag.md B.5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, LiteralString

from psycopg import sql

from retrieval.index import tables
from retrieval.search import chunk_quota, filters, search_transaction
from retrieval.search.evidence import GraphSelection
from retrieval.search.question import Question

# Only chunks that may be found have a row in search_chunk.
NEAREST = """
WITH query AS MATERIALIZED (SELECT %(question)s::halfvec({dims}) AS vector),
of_entities AS MATERIALIZED (
    SELECT s.chunk_id, 1 - (s.vector::halfvec({dims}) <=> query.vector) AS score
    FROM (SELECT DISTINCT chunk_id FROM graph_entitymention
          WHERE entity_id = ANY(%(entities)s)) m
    JOIN {chunks} s USING (chunk_id), query
    WHERE {allowed}
    ORDER BY score DESC NULLS LAST, s.chunk_id LIMIT %(entity_chunks)s
), of_relations AS MATERIALIZED (
    SELECT s.chunk_id, 1 - (s.vector::halfvec({dims}) <=> query.vector) AS score
    FROM (SELECT DISTINCT chunk_id FROM graph_relationmention
          WHERE relation_id = ANY(%(relations)s)
          EXCEPT SELECT chunk_id FROM of_entities) m
    JOIN {chunks} s USING (chunk_id), query
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

Selected = tuple[Mapping[int, float], Mapping[int, float]]
"""Chunk ids with their scores, best first: of the entities, of the relations."""


def select(question: Question, graph: GraphSelection) -> Selected:
    """Select chunks of these entities and relations. One statement, or none."""
    if not graph.entities and not graph.relations:
        return {}, {}
    method = by_weight if question.limits.pick_by_weight else by_vector
    return method(question, graph)


def by_vector(question: Question, graph: GraphSelection) -> Selected:
    """Select the chunks nearest to the question, `related_chunks` / 2 per item."""
    related = question.limits.related_chunks
    rows = _rows(
        NEAREST,
        question,
        graph,
        {
            "question": question.vectors.question,
            "entity_chunks": related * len(graph.entities) // 2,
            "relation_chunks": related * len(graph.relations) // 2,
        },
    )
    return (
        {chunk: score for kind, chunk, score in rows if kind == "entity"},
        {chunk: score for kind, chunk, score in rows if kind == "relation"},
    )


def by_weight(question: Question, graph: GraphSelection) -> Selected:
    """Select by the rank of the items; the score counts the items that mention a chunk."""
    rows = _rows(MENTIONS, question, graph, {})
    related = question.limits.related_chunks
    entities = [entity.id for entity in graph.entities]
    of_entities = _by_quota(entities, "entity", rows, related, frozenset())
    relations = [relation.id for relation in graph.relations]
    excluded = frozenset(of_entities)
    return of_entities, _by_quota(relations, "relation", rows, related, excluded)


def _by_quota(
    ids: Sequence[int],
    kind: str,
    rows: Sequence[Any],
    related: int,
    excluded: frozenset[int],
) -> dict[int, float]:
    mentions = [(item, chunk) for row_kind, item, chunk in rows if row_kind == kind]
    owned, counts = chunk_quota.chunks_by_item(ids, mentions, excluded)
    return {
        chunk: float(counts[chunk]) for chunk in chunk_quota.allocate(owned, related)
    }


def _rows(
    template: LiteralString,
    question: Question,
    graph: GraphSelection,
    values: Mapping[str, Any],
) -> list[Any]:
    statement = sql.SQL(template).format(
        chunks=tables.rows("chunk", question.index_id),
        dims=sql.Literal(question.dimensions),
        allowed=filters.chunk(question.filters, "s.chunk_id"),
    )
    ids = {
        "entities": [entity.id for entity in graph.entities],
        "relations": [relation.id for relation in graph.relations],
    }
    return search_transaction.fetch(
        statement, {**ids, **question.filters.values, **values}
    )
