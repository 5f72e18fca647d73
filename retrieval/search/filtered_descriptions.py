"""What the allowed documents alone said of entities and relations.

Merged fields hold what all documents and people said. Where filters let only some
documents speak, the fields are derived anew from their mentions, by the rules of
`graph.merging.derive`; an entity goes by its own name if an allowed chunk used it, else by the
name these use most.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, LiteralString

from django.conf import settings
from psycopg import sql

from graph.merging import derive
from retrieval.search import filters, sql_rows
from retrieval.search.evidence import FoundEntity, FoundRelation, Neighbourhood
from retrieval.search.question import Question

# As in `graph.merging.derive`, for the mentions in allowed chunks only.
FRAGMENTS = """fragments AS (
    SELECT id, description, min(chunk_id) AS first FROM mentions
    WHERE description <> '' AND typed = any_typed GROUP BY id, description
)"""

ENTITIES = """
WITH mentions AS MATERIALIZED (
    SELECT m.entity_id AS id, m.chunk_id, m.said_name, m.entity_type, m.description,
        {typed}
    FROM graph_entitymention m WHERE m.entity_id = ANY(%(ids)s) AND {allowed}
), {fragments}, {joined}
SELECT m.id, bool_or(m.said_name = e.name), mode() WITHIN GROUP (ORDER BY m.said_name),
    mode() WITHIN GROUP (ORDER BY m.entity_type) FILTER (WHERE typed),
    coalesce(min(j.description), '')
FROM mentions m JOIN graph_entity e ON e.id = m.id LEFT JOIN joined j ON j.id = m.id
GROUP BY m.id
"""

RELATIONS = """
WITH mentions AS MATERIALIZED (
    SELECT m.relation_id AS id, m.chunk_id, m.description, m.keywords, m.weight,
        true AS typed, true AS any_typed
    FROM graph_relationmention m WHERE m.relation_id = ANY(%(ids)s) AND {allowed}
), words AS (
    SELECT id, {union_keywords} AS keywords
    FROM mentions CROSS JOIN LATERAL {split_keywords}
    WHERE trim(word) <> '' GROUP BY id
), {fragments}, {joined}
SELECT m.id, coalesce(min(j.description), ''), coalesce(min(w.keywords), ''),
    sum(m.weight)
FROM mentions m LEFT JOIN joined j USING (id) LEFT JOIN words w USING (id) GROUP BY m.id
"""


@dataclass(frozen=True, slots=True)
class ToldEntity:
    """`is_own`: an allowed chunk uses the entity's own name."""

    is_own: bool
    said_name: str
    entity_type: str | None
    description: str


@dataclass(frozen=True, slots=True)
class ToldRelation:
    description: str
    keywords: str
    weight: float


def retell(question: Question, found: Neighbourhood) -> Neighbourhood:
    """The same entities and relations in the words of the allowed documents.

    What these do not speak of is left out. Two statements.
    """
    ends = {end for one in found.relations for end in (one.source_id, one.target_id)}
    ids = ends | {one.id for one in found.entities}
    entities = {
        id: ToldEntity(*row) for id, *row in _read(ENTITIES, question, list(ids))
    }
    relation_ids = [one.id for one in found.relations]
    relations = {
        id: ToldRelation(*row) for id, *row in _read(RELATIONS, question, relation_ids)
    }
    return replace(
        found,
        entities=tuple(
            _entity(one, entities[one.id])
            for one in found.entities
            if one.id in entities
        ),
        relations=tuple(
            _relation(one, relations[one.id], entities)
            for one in found.relations
            if one.id in relations and {one.source_id, one.target_id} <= entities.keys()
        ),
    )


def _read(template: LiteralString, question: Question, ids: list[int]) -> list[Any]:
    ingest = settings.LIGHTRAG.ingest
    values = {
        "ids": ids,
        "max_fragments": ingest.max_fragments,
        "max_chars": ingest.summary_max_tokens * derive.CHARS_PER_TOKEN,
        **question.filters.values,
    }
    allowed = filters.chunk(question.filters, "m.chunk_id")
    statement = sql.SQL(template).format(
        allowed=allowed,
        typed=sql.SQL(derive.TYPED),
        fragments=sql.SQL(FRAGMENTS),
        joined=sql.SQL(derive.JOIN_FRAGMENTS),
        union_keywords=sql.SQL(derive.UNION_KEYWORDS),
        split_keywords=sql.SQL(derive.SPLIT_KEYWORDS),
    )
    return sql_rows.read(statement, values)


def _entity(one: FoundEntity, told: ToldEntity) -> FoundEntity:
    return replace(
        one,
        name=_name(one.name, told),
        entity_type=told.entity_type or "UNKNOWN",
        description=told.description,
    )


def _relation(
    one: FoundRelation, told: ToldRelation, ends: Mapping[int, ToldEntity]
) -> FoundRelation:
    return replace(
        one,
        source=_name(one.source, ends[one.source_id]),
        target=_name(one.target, ends[one.target_id]),
        description=told.description,
        keywords=told.keywords,
        weight=told.weight,
    )


def _name(own: str, told: ToldEntity) -> str:
    return own if told.is_own else told.said_name
