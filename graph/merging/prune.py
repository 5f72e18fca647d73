"""Take chunks' words out of the graph, and what nobody speaks of any more with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from documents.workspaces import audit
from documents.workspaces.audit import Action
from graph.merging import derive
from retrieval.index.search_rows import Touched

FORGET_ENTITY_MENTIONS = """
WITH gone AS (
    DELETE FROM graph_entitymention WHERE chunk_id = ANY(%(chunks)s) RETURNING entity_id
)
SELECT coalesce(array_agg(DISTINCT entity_id), '{}') FROM gone
"""

FORGET_RELATION_MENTIONS = """
WITH gone AS (
    DELETE FROM graph_relationmention WHERE chunk_id = ANY(%(chunks)s)
    RETURNING relation_id
)
SELECT coalesce(array_agg(DISTINCT relation_id), '{}') FROM gone
"""

# The ends of a deleted relation lose a degree, so they are touched too.
DROP_RELATIONS = """
WITH gone AS (
    DELETE FROM graph_relation r
    WHERE r.id = ANY(%(relations)s) AND NOT r.manual AND NOT EXISTS (
        SELECT FROM graph_relationmention m WHERE m.relation_id = r.id
    )
    RETURNING r.id, r.source_id, r.target_id,
        r.edited_description <> '' OR r.edited_keywords <> ''
            OR r.edited_weight IS NOT NULL AS edited
), searched AS (
    DELETE FROM search_relation
    WHERE workspace_id = %(workspace)s AND relation_id IN (SELECT id FROM gone)
)
SELECT coalesce(array_agg(DISTINCT entity_id), '{}'), ARRAY(
    SELECT a.name || ' – ' || b.name FROM gone
    JOIN graph_entity a ON a.id = gone.source_id
    JOIN graph_entity b ON b.id = gone.target_id
    WHERE gone.edited ORDER BY 1)
FROM (SELECT source_id FROM gone UNION SELECT target_id FROM gone) AS ends (entity_id)
"""

DROP_ENTITIES = """
WITH gone AS (
    DELETE FROM graph_entity e
    WHERE e.id = ANY(%(entities)s) AND NOT e.manual
        AND NOT EXISTS (SELECT FROM graph_entitymention m WHERE m.entity_id = e.id)
        AND NOT EXISTS (SELECT FROM graph_relation r WHERE r.source_id = e.id)
        AND NOT EXISTS (SELECT FROM graph_relation r WHERE r.target_id = e.id)
    RETURNING e.id, e.name, e.edited_description <> '' OR e.edited_type <> '' OR EXISTS (
        SELECT FROM graph_entityalias a WHERE a.entity_id = e.id) AS edited
), searched AS (
    DELETE FROM search_entity
    WHERE workspace_id = %(workspace)s AND entity_id IN (SELECT id FROM gone)
), named AS (
    DELETE FROM graph_entityalias WHERE entity_id IN (SELECT id FROM gone)
)
SELECT coalesce(array_agg(id), '{}'),
    coalesce(array_agg(name ORDER BY name) FILTER (WHERE edited), '{}') FROM gone
"""


@dataclass(frozen=True, slots=True)
class Settled:
    """What is left of what was touched, and which entities and relations went although a
    person had written of them or named them."""

    left: Touched
    lost: tuple[str, ...] = ()


def unmention(workspace_id: int, chunk_ids: Sequence[int]) -> Touched:
    """Take out the words alone; returns whom they were about, for `settle`.

    Between the two others may speak up, so that a person's edits and names outlive a
    document's new version.
    """
    values: dict[str, Any] = {"workspace": workspace_id, "chunks": list(chunk_ids)}
    relations = fetch_ids(FORGET_RELATION_MENTIONS, values)
    entities = fetch_ids(FORGET_ENTITY_MENTIONS, values)
    return Touched(tuple(entities), tuple(relations))


def settle(workspace_id: int, silent: Touched) -> Settled:
    """Drop the lonely among these, and derive the rest anew.

    Only what a person made stays with nobody to speak of it, as upstream has it; that a
    person's words went with the last document is told in the audit trail.
    """
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "relations": list(silent.relations),
    }
    ends, edges = fetch(DROP_RELATIONS, values)
    entities = {*silent.entities, *ends}
    gone, names = fetch(DROP_ENTITIES, values | {"entities": list(entities)})
    audit.record_many(
        Action.EDITS_LOST, lost := (*names, *edges), workspace_id=workspace_id
    )
    left = tuple(entities.difference(gone))
    derive.relations(silent.relations)
    derive.entities(left)
    return Settled(Touched(left, silent.relations), lost)


def fetch_ids(statement: str, values: dict[str, Any]) -> list[int]:
    (ids,) = fetch(statement, values)
    return list(ids)


def fetch(statement: str, values: dict[str, Any]) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return tuple(cursor.fetchone())
