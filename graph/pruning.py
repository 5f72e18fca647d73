"""Take chunks' words out of the graph, and what nobody speaks of any more with them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from graph import refresh
from graph.merge import Touched

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
    RETURNING r.id, r.source_id, r.target_id
), searched AS (
    DELETE FROM search_relation
    WHERE workspace_id = %(workspace)s AND relation_id IN (SELECT id FROM gone)
)
SELECT coalesce(array_agg(DISTINCT entity_id), '{}')
FROM (SELECT source_id FROM gone UNION SELECT target_id FROM gone) AS ends (entity_id)
"""

DROP_ENTITIES = """
WITH gone AS (
    DELETE FROM graph_entity e
    WHERE e.id = ANY(%(entities)s) AND NOT e.manual
        AND NOT EXISTS (SELECT FROM graph_entitymention m WHERE m.entity_id = e.id)
        AND NOT EXISTS (SELECT FROM graph_relation r WHERE r.source_id = e.id)
        AND NOT EXISTS (SELECT FROM graph_relation r WHERE r.target_id = e.id)
    RETURNING e.id
), searched AS (
    DELETE FROM search_entity
    WHERE workspace_id = %(workspace)s AND entity_id IN (SELECT id FROM gone)
), named AS (
    DELETE FROM graph_entityalias WHERE entity_id IN (SELECT id FROM gone)
)
SELECT coalesce(array_agg(id), '{}') FROM gone
"""


def forget(workspace_id: int, chunk_ids: Sequence[int]) -> Touched:
    """Remove what these chunks said; returns what remains of what they had touched.

    Entities and relations that nobody else mentions go, unless a person made them; the
    merged fields of the rest are derived anew. Call it under `locking.lock`.
    """
    return settle(workspace_id, unmention(workspace_id, chunk_ids))


def unmention(workspace_id: int, chunk_ids: Sequence[int]) -> Touched:
    """Take out the words alone; returns whom they were about, for `settle`.

    Between the two others may speak up, so that a person's edits and names outlive a
    document's new version.
    """
    values: dict[str, Any] = {"workspace": workspace_id, "chunks": list(chunk_ids)}
    relations = fetch_ids(FORGET_RELATION_MENTIONS, values)
    entities = fetch_ids(FORGET_ENTITY_MENTIONS, values)
    return Touched(tuple(entities), tuple(relations))


def settle(workspace_id: int, silent: Touched) -> Touched:
    """Drop the lonely among these, and derive the rest anew; returns the rest."""
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "relations": list(silent.relations),
    }
    ends = fetch_ids(DROP_RELATIONS, values)
    entities = {*silent.entities, *ends}
    gone = fetch_ids(DROP_ENTITIES, values | {"entities": list(entities)})
    left = tuple(entities.difference(gone))
    refresh.relations(silent.relations)
    refresh.entities(left)
    return Touched(left, silent.relations)


def fetch_ids(statement: str, values: dict[str, Any]) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchone()[0])
