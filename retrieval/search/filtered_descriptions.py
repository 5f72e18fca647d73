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

from graph.merging.derive import CHARS_PER_TOKEN
from retrieval.search import filters, sql_rows
from retrieval.search.evidence import FoundEntity, FoundRelation, Neighbourhood
from retrieval.search.question import Question

JOINED = """parts AS (
    SELECT id, description, min(chunk_id) AS first FROM said
    WHERE description <> '' AND known = any_known GROUP BY id, description
), numbered AS (
    SELECT *, row_number() OVER oldest AS place,
        sum(length(description)) OVER oldest AS length
    FROM parts WINDOW oldest AS (PARTITION BY id ORDER BY first, description)
), joined AS (
    SELECT id, string_agg(description, '<SEP>' ORDER BY place) AS description
    FROM numbered
    WHERE place = 1 OR (place <= %(max_fragments)s AND length <= %(max_chars)s)
    GROUP BY id
)"""

ENTITIES = """
WITH said AS MATERIALIZED (
    SELECT m.entity_id AS id, m.chunk_id, m.said_name, m.entity_type, m.description,
        m.entity_type <> 'UNKNOWN' AS known,
        bool_or(m.entity_type <> 'UNKNOWN') OVER (PARTITION BY m.entity_id) AS any_known
    FROM graph_entitymention m WHERE m.entity_id = ANY(%(ids)s) AND {allowed}
), {joined}
SELECT s.id, bool_or(s.said_name = e.name), mode() WITHIN GROUP (ORDER BY s.said_name),
    mode() WITHIN GROUP (ORDER BY s.entity_type) FILTER (WHERE known),
    coalesce(min(j.description), '')
FROM said s JOIN graph_entity e ON e.id = s.id LEFT JOIN joined j ON j.id = s.id
GROUP BY s.id
"""

RELATIONS = """
WITH said AS MATERIALIZED (
    SELECT m.relation_id AS id, m.chunk_id, m.description, m.keywords, m.weight,
        true AS known, true AS any_known
    FROM graph_relationmention m WHERE m.relation_id = ANY(%(ids)s) AND {allowed}
), words AS (
    SELECT id, string_agg(DISTINCT trim(word), ',' ORDER BY trim(word)) AS keywords
    FROM said CROSS JOIN LATERAL regexp_split_to_table(keywords, '[,，]') AS word
    WHERE trim(word) <> '' GROUP BY id
), {joined}
SELECT s.id, coalesce(min(j.description), ''), coalesce(min(w.keywords), ''),
    sum(s.weight)
FROM said s LEFT JOIN joined j USING (id) LEFT JOIN words w USING (id) GROUP BY s.id
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
        "max_chars": ingest.summary_max_tokens * CHARS_PER_TOKEN,
        **question.filters.values,
    }
    allowed = filters.chunk(question.filters, "m.chunk_id")
    statement = sql.SQL(template).format(allowed=allowed, joined=sql.SQL(JOINED))
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
