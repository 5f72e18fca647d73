"""Removal of the mentions of chunks, and of entities and relations left without any."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from documents.workspaces import audit
from documents.workspaces.audit import Action
from graph.merging import derive
from retrieval.index.search_rows import Touched

DELETE_ENTITY_MENTIONS = """
WITH deleted AS (
    DELETE FROM graph_entitymention WHERE chunk_id = ANY(%(chunks)s) RETURNING entity_id
)
SELECT coalesce(array_agg(DISTINCT entity_id), '{}') FROM deleted
"""

DELETE_RELATION_MENTIONS = """
WITH deleted AS (
    DELETE FROM graph_relationmention WHERE chunk_id = ANY(%(chunks)s)
    RETURNING relation_id
)
SELECT coalesce(array_agg(DISTINCT relation_id), '{}') FROM deleted
"""

# The degree of a deleted relation's ends changes, so their ids are returned.
DELETE_RELATIONS = """
WITH deleted AS (
    DELETE FROM graph_relation r
    WHERE r.id = ANY(%(relations)s) AND NOT r.manual AND NOT EXISTS (
        SELECT FROM graph_relationmention m WHERE m.relation_id = r.id
    )
    RETURNING r.id, r.source_id, r.target_id,
        r.edited_description <> '' OR r.edited_keywords <> ''
            OR r.edited_weight IS NOT NULL AS edited
)
SELECT coalesce(array_agg(DISTINCT entity_id), '{}'), ARRAY(
    SELECT a.name || ' – ' || b.name FROM deleted
    JOIN graph_entity a ON a.id = deleted.source_id
    JOIN graph_entity b ON b.id = deleted.target_id
    WHERE deleted.edited ORDER BY 1)
FROM (SELECT source_id FROM deleted UNION SELECT target_id FROM deleted) AS ends (entity_id)
"""

DELETE_ENTITIES = """
WITH deleted AS (
    DELETE FROM graph_entity e
    WHERE e.id = ANY(%(entities)s) AND NOT e.manual
        AND NOT EXISTS (SELECT FROM graph_entitymention m WHERE m.entity_id = e.id)
        AND NOT EXISTS (SELECT FROM graph_relation r WHERE r.source_id = e.id)
        AND NOT EXISTS (SELECT FROM graph_relation r WHERE r.target_id = e.id)
    RETURNING e.id, e.name, e.edited_description <> '' OR e.edited_type <> '' OR EXISTS (
        SELECT FROM graph_entityalias a WHERE a.entity_id = e.id) AS edited
), aliases AS (
    DELETE FROM graph_entityalias WHERE entity_id IN (SELECT id FROM deleted)
)
SELECT coalesce(array_agg(id), '{}'),
    coalesce(array_agg(name ORDER BY name) FILTER (WHERE edited), '{}') FROM deleted
"""


@dataclass(frozen=True, slots=True)
class PruneResult:
    """Touched rows that are left, and the names of deleted rows that a user had edited."""

    remaining: Touched
    lost: tuple[str, ...] = ()


def remove_mentions(workspace_id: int, chunk_ids: Sequence[int]) -> Touched:
    """Delete the mentions of chunks; return their entities and relations.

    Pass these to `delete_unmentioned` later in the transaction. Mentions that are added
    in between keep a user's edits when a document is replaced by a new version.
    """
    values: dict[str, Any] = {"chunks": list(chunk_ids)}
    relations = fetch_ids(DELETE_RELATION_MENTIONS, values)
    entities = fetch_ids(DELETE_ENTITY_MENTIONS, values)
    return Touched(tuple(entities), tuple(relations))


def delete_unmentioned(workspace_id: int, touched: Touched) -> PruneResult:
    """Delete the rows of `touched` without mentions, and recompute the others.

    Rows created by a user are kept, as in LightRAG. The audit trail records which edits
    were deleted with the last mention.
    """
    values: dict[str, Any] = {
        "relations": list(touched.relations),
    }
    ends, edited_relations = fetch(DELETE_RELATIONS, values)
    entities = {*touched.entities, *ends}
    deleted, edited_entities = fetch(
        DELETE_ENTITIES, values | {"entities": list(entities)}
    )
    lost = (*edited_entities, *edited_relations)
    audit.record_many(Action.EDITS_LOST, lost, workspace_id=workspace_id)
    remaining = tuple(entities.difference(deleted))
    derive.relations(touched.relations)
    derive.entities(remaining)
    return PruneResult(Touched(remaining, touched.relations), lost)


def fetch_ids(statement: str, values: dict[str, Any]) -> list[int]:
    (ids,) = fetch(statement, values)
    return list(ids)


def fetch(statement: str, values: dict[str, Any]) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return tuple(cursor.fetchone())
