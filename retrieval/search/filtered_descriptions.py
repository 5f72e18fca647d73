"""Entities and relations as the allowed documents describe them.

Merged fields combine the mentions of all documents and the edits of users. If filters
allow only some documents, the fields are derived again from their mentions, by the rules
of `graph.merging.derive`. An entity keeps its name if an allowed chunk uses it; otherwise
it gets the name these chunks use most.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, LiteralString

from django.conf import settings
from psycopg import sql

from graph.merging import derive
from retrieval.search import filters, search_transaction
from retrieval.search.evidence import FoundEntity, FoundRelation, Neighbourhood
from retrieval.search.question import Question

# Applies the rule of `graph.merging.derive` to the mentions in allowed chunks only.
FRAGMENTS = """fragments AS (
    SELECT id, description, min(chunk_id) AS first FROM mentions
    WHERE description <> '' AND typed = any_typed GROUP BY id, description
)"""

ENTITIES = """
WITH mentions AS MATERIALIZED (
    SELECT m.entity_id AS id, m.chunk_id, m.mentioned_name, m.entity_type, m.description,
        {typed}
    FROM graph_entitymention m WHERE m.entity_id = ANY(%(ids)s) AND {allowed}
), {fragments}, {joined}
SELECT m.id, bool_or(m.mentioned_name = e.name), mode() WITHIN GROUP (ORDER BY m.mentioned_name),
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
class DerivedEntity:
    """Fields of an entity; `uses_name`: an allowed chunk uses the entity's own name."""

    uses_name: bool
    mentioned_name: str
    entity_type: str | None
    description: str


@dataclass(frozen=True, slots=True)
class DerivedRelation:
    """Fields of a relation."""

    description: str
    keywords: str
    weight: float


def apply(question: Question, neighbourhood: Neighbourhood) -> Neighbourhood:
    """Return the neighbourhood with fields derived from allowed chunks. Two statements.

    Entities and relations that no allowed chunk mentions are left out.
    """
    relations, entities = neighbourhood.relations, neighbourhood.entities
    ends = {end for item in relations for end in (item.source_id, item.target_id)}
    entity_ids = ends | {item.id for item in entities}
    by_entity = {
        id: DerivedEntity(*row)
        for id, *row in _read(ENTITIES, question, list(entity_ids))
    }
    by_relation = {
        id: DerivedRelation(*row)
        for id, *row in _read(RELATIONS, question, [item.id for item in relations])
    }
    return replace(
        neighbourhood,
        entities=tuple(
            _entity(item, by_entity[item.id])
            for item in entities
            if item.id in by_entity
        ),
        relations=tuple(
            _relation(item, by_relation[item.id], by_entity)
            for item in relations
            if item.id in by_relation
            and {item.source_id, item.target_id} <= by_entity.keys()
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
    return search_transaction.fetch(statement, values)


def _entity(item: FoundEntity, derived: DerivedEntity) -> FoundEntity:
    return replace(
        item,
        name=_name(item.name, derived),
        entity_type=derived.entity_type or "UNKNOWN",
        description=derived.description,
    )


def _relation(
    item: FoundRelation, derived: DerivedRelation, ends: Mapping[int, DerivedEntity]
) -> FoundRelation:
    return replace(
        item,
        source=_name(item.source, ends[item.source_id]),
        target=_name(item.target, ends[item.target_id]),
        description=derived.description,
        keywords=derived.keywords,
        weight=derived.weight,
    )


def _name(name: str, derived: DerivedEntity) -> str:
    return name if derived.uses_name else derived.mentioned_name
