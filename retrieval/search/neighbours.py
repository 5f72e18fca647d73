"""From seeds into the graph: the edges of entities, the ends of relations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from psycopg import sql

from retrieval.search import filtered_descriptions, filters, rank_fusion, sql_rows
from retrieval.search.evidence import FoundEntity, FoundRelation, Neighbourhood
from retrieval.search.question import Question
from retrieval.search.search import Seeds

LINE_TOKENS = 12
"""Fewer tokens than the shortest line of a relation has: bounds how many can fit."""

# Entities and relations in the same columns, so that one statement reads both. A hub's
# edges are ranked by id and degree alone; only those that may fit are read in full.
# All ids are of this workspace already, for they come out of its own partitions: asked
# for the workspace too, the planner would walk all that is in it.
READ = """
WITH facts AS MATERIALIZED (
    SELECT id, source_id, target_id FROM graph_relation
    WHERE id = ANY(%(relations)s)
), edges AS MATERIALIZED (
    SELECT r.id, a.degree + b.degree AS rank, r.weight, count(*) OVER () AS total
    FROM graph_relation r
    JOIN graph_entity a ON a.id = r.source_id
    JOIN graph_entity b ON b.id = r.target_id
    WHERE (r.source_id = ANY(%(entities)s) OR r.target_id = ANY(%(entities)s))
        AND {relation}
    ORDER BY rank DESC, r.weight DESC, r.id LIMIT %(edges)s
), wanted AS (
    SELECT id, 0 AS total FROM facts UNION SELECT id, total FROM edges
)
SELECT 'entity', e.id, 0, 0, e.name, '', e.entity_type, e.description,
    0.0::float8, e.degree, extract(epoch FROM e.created_at)::bigint, 0
FROM graph_entity e
WHERE e.id IN (
    SELECT unnest(%(entities)s::bigint[]) UNION SELECT source_id FROM facts
    UNION SELECT target_id FROM facts)
    AND {entity}
UNION ALL
SELECT 'relation', r.id, r.source_id, r.target_id, a.name, b.name, r.keywords,
    r.description, r.weight, a.degree + b.degree,
    extract(epoch FROM r.created_at)::bigint, w.total
FROM (SELECT id, max(total) AS total FROM wanted GROUP BY id) w
JOIN graph_relation r USING (id)
JOIN graph_entity a ON a.id = r.source_id
JOIN graph_entity b ON b.id = r.target_id
"""

Row = tuple[str, int, int, int, str, str, str, str, float, int, int, int]


def read(question: Question, seeds: Seeds) -> Neighbourhood:
    """The seeds with their edges and ends. One statement; none without seeds.

    With filters another: then names and descriptions are what allowed chunks said.
    """
    if not seeds.entities.ids and not seeds.relations.ids:
        return Neighbourhood()
    found = _merged(seeds, _rows(question, seeds))
    return filtered_descriptions.retell(question, found) if question.filters else found


def _merged(seeds: Seeds, found: Sequence[Row]) -> Neighbourhood:
    entities = {row[1]: _entity(row, seeds) for row in found if row[0] == "entity"}
    relations = {row[1]: _relation(row, seeds) for row in found if row[0] == "relation"}
    edges = [row[1] for row in sorted(found, key=_edge_order) if row[-1]]
    facts = _known(seeds.relations.ids, relations)
    order = rank_fusion.round_robin(
        [_known(seeds.entities.ids, entities), _ends(facts, relations)]
    )
    merged = rank_fusion.round_robin([edges, facts])
    return Neighbourhood(
        tuple(entities[id] for id in order if id in entities),
        tuple(relations[id] for id in merged),
        len(merged) + max((row[-1] for row in found), default=0) - len(edges),
    )


def _rows(question: Question, seeds: Seeds) -> list[Row]:
    values = {
        "entities": list(seeds.entities.ids),
        "relations": list(seeds.relations.ids),
        "edges": 1 + question.limits.relation_tokens // LINE_TOKENS,
        **question.filters.values,
    }
    statement = sql.SQL(READ).format(
        relation=filters.relation(question.filters, "r.id"),
        entity=filters.entity(question.filters, "e.id"),
    )
    return sql_rows.read(statement, values)


def _edge_order(row: Row) -> tuple[int, float, int]:
    return -row[9], -row[8], row[1]


def _known(ids: Sequence[int], found: Mapping[int, Any]) -> list[int]:
    """Those of `ids` that still exist: a commit may stand between two statements."""
    return [id for id in ids if id in found]


def _ends(facts: Iterable[int], relations: Mapping[int, FoundRelation]) -> list[int]:
    return [
        end
        for fact in facts
        for end in (relations[fact].source_id, relations[fact].target_id)
    ]


def _entity(row: Row, seeds: Seeds) -> FoundEntity:
    return FoundEntity(
        id=row[1],
        name=row[4],
        entity_type=row[6],
        description=row[7],
        rank=row[9],
        created_at=row[10],
        legs=seeds.entities.scores.get(row[1], {}),
    )


def _relation(row: Row, seeds: Seeds) -> FoundRelation:
    return FoundRelation(
        id=row[1],
        source_id=row[2],
        target_id=row[3],
        source=row[4],
        target=row[5],
        description=row[7],
        keywords=row[6],
        weight=row[8],
        rank=row[9],
        created_at=row[10],
        legs=seeds.relations.scores.get(row[1], {}),
    )
