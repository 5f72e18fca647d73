"""Read the graph around the seeds: relations of entities, ends of relations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from psycopg import sql

from retrieval.search import (
    filtered_descriptions,
    filters,
    rank_fusion,
    search_transaction,
)
from retrieval.search.evidence import FoundEntity, FoundRelation, Neighbourhood
from retrieval.search.hybrid_search import Seeds
from retrieval.search.question import Question

MIN_LINE_TOKENS = 12
"""Lower bound on the tokens of a relation's line: limits how many relations can fit."""

# Entities and relations have the same columns, so that one statement reads both. Edges of
# entities with many relations are ranked by degree and weight alone; only those that may
# fit are read in full. All ids come from the workspace's own partitions. A condition on
# the workspace would make the planner scan all its rows.
READ = """
WITH seed_relations AS MATERIALIZED (
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
), selected AS (
    SELECT id, 0 AS total FROM seed_relations UNION SELECT id, total FROM edges
)
SELECT 'entity', e.id, 0, 0, e.name, '', e.entity_type, '', e.description,
    0.0::float8, e.degree, extract(epoch FROM e.created_at)::bigint, 0
FROM graph_entity e
WHERE e.id IN (
    SELECT unnest(%(entities)s::bigint[]) UNION SELECT source_id FROM seed_relations
    UNION SELECT target_id FROM seed_relations)
    AND {entity}
UNION ALL
SELECT 'relation', r.id, r.source_id, r.target_id, a.name, b.name, '', r.keywords,
    r.description, r.weight, a.degree + b.degree,
    extract(epoch FROM r.created_at)::bigint, w.total
FROM (SELECT id, max(total) AS total FROM selected GROUP BY id) w
JOIN graph_relation r USING (id)
JOIN graph_entity a ON a.id = r.source_id
JOIN graph_entity b ON b.id = r.target_id
"""


class Row(NamedTuple):
    """A row of READ.

    `name` is an entity's name or a relation's source. `edges` is the number of edges of
    all seed entities; it is 0 in rows of other kinds.
    """

    kind: str
    id: int
    source_id: int
    target_id: int
    name: str
    target: str
    entity_type: str
    keywords: str
    description: str
    weight: float
    rank: int
    created_at: int
    edges: int


def read(question: Question, seeds: Seeds) -> Neighbourhood:
    """Return the seeds with their edges and ends. One statement; none without seeds.

    With filters, two more statements read the names and descriptions that the allowed
    chunks use.
    """
    if not seeds.entities.ids and not seeds.relations.ids:
        return Neighbourhood()
    neighbourhood = _merge(seeds, _rows(question, seeds))
    if question.filters:
        return filtered_descriptions.apply(question, neighbourhood)
    return neighbourhood


def _merge(seeds: Seeds, rows: Sequence[Row]) -> Neighbourhood:
    entities = {row.id: _entity(row, seeds) for row in rows if row.kind == "entity"}
    relations = {
        row.id: _relation(row, seeds) for row in rows if row.kind == "relation"
    }
    edges = [row.id for row in sorted(rows, key=_edge_order) if row.edges]
    seed_relations = _existing(seeds.relations.ids, relations)
    entity_order = rank_fusion.round_robin(
        [_existing(seeds.entities.ids, entities), _ends(seed_relations, relations)]
    )
    relation_order = rank_fusion.round_robin([edges, seed_relations])
    edges_found = max((row.edges for row in rows), default=0)
    return Neighbourhood(
        tuple(entities[id] for id in entity_order if id in entities),
        tuple(relations[id] for id in relation_order),
        len(relation_order) + edges_found - len(edges),
    )


def _rows(question: Question, seeds: Seeds) -> list[Row]:
    values = {
        "entities": list(seeds.entities.ids),
        "relations": list(seeds.relations.ids),
        "edges": 1 + question.limits.relation_tokens // MIN_LINE_TOKENS,
        **question.filters.values,
    }
    statement = sql.SQL(READ).format(
        relation=filters.relation(question.filters, "r.id"),
        entity=filters.entity(question.filters, "e.id"),
    )
    return [Row(*row) for row in search_transaction.fetch(statement, values)]


def _edge_order(row: Row) -> tuple[int, float, int]:
    return -row.rank, -row.weight, row.id


def _existing(ids: Sequence[int], rows: Mapping[int, Any]) -> list[int]:
    """Return the ids that still exist: another transaction may have deleted the others."""
    return [id for id in ids if id in rows]


def _ends(ids: Iterable[int], relations: Mapping[int, FoundRelation]) -> list[int]:
    return [
        end for id in ids for end in (relations[id].source_id, relations[id].target_id)
    ]


def _entity(row: Row, seeds: Seeds) -> FoundEntity:
    return FoundEntity(
        id=row.id,
        name=row.name,
        entity_type=row.entity_type,
        description=row.description,
        rank=row.rank,
        created_at=row.created_at,
        scores=seeds.entities.scores.get(row.id, {}),
    )


def _relation(row: Row, seeds: Seeds) -> FoundRelation:
    return FoundRelation(
        id=row.id,
        source_id=row.source_id,
        target_id=row.target_id,
        source=row.name,
        target=row.target,
        description=row.description,
        keywords=row.keywords,
        weight=row.weight,
        rank=row.rank,
        created_at=row.created_at,
        scores=seeds.relations.scores.get(row.id, {}),
    )
