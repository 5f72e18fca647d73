"""Import of merged descriptions that can't be derived from the imported mentions.

A description that an LLM has summarized, or that is longer than our limit, is stored as
the summary of its mentions. It is valid until one of these mentions is deleted. Entities
and relations without chunks are stored as created by a user.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from documents.importers.lightrag.attribution import Attribution
from documents.importers.lightrag.store import StoredEntity, StoredRelation
from graph.merging import derive

# Stored only if all mentions are imported: the summary would hide the others.
KEEP_ENTITIES = """
WITH wanted AS (
    SELECT e.id, s.description
    FROM unnest(%(names)s::text[], %(descriptions)s::text[]) AS s (name, description)
    JOIN graph_entity e ON e.workspace_id = %(workspace)s AND e.name = s.name
    WHERE e.summary_count = 0 AND e.edited_description = ''
        AND s.description <> '' AND e.description <> s.description
), counted AS (
    SELECT m.entity_id, max(m.id) AS upto, count(*) AS mentions,
        bool_and(d.metadata ? 'imported_from') AS imported
    FROM wanted w JOIN graph_entitymention m ON m.entity_id = w.id
    JOIN documents_chunk c ON c.id = m.chunk_id
    JOIN documents_document d ON d.id = c.document_id
    GROUP BY m.entity_id
)
UPDATE graph_entity e
SET summary = w.description, summary_upto = c.upto, summary_count = c.mentions
FROM wanted w JOIN counted c ON c.entity_id = w.id
WHERE e.id = w.id AND c.imported
RETURNING e.id
"""

KEEP_RELATIONS = """
WITH wanted AS (
    SELECT r.id, s.description
    FROM unnest(%(sources)s::text[], %(targets)s::text[], %(descriptions)s::text[])
        AS s (source, target, description)
    JOIN graph_entity a ON a.workspace_id = %(workspace)s AND a.name = s.source
    JOIN graph_entity b ON b.workspace_id = %(workspace)s AND b.name = s.target
    JOIN graph_relation r ON r.workspace_id = %(workspace)s
        AND r.source_id = least(a.id, b.id) AND r.target_id = greatest(a.id, b.id)
    WHERE r.summary_count = 0 AND r.edited_description = ''
        AND s.description <> '' AND r.description <> s.description
), counted AS (
    SELECT m.relation_id, max(m.id) AS upto, count(*) AS mentions,
        bool_and(d.metadata ? 'imported_from') AS imported
    FROM wanted w JOIN graph_relationmention m ON m.relation_id = w.id
    JOIN documents_chunk c ON c.id = m.chunk_id
    JOIN documents_document d ON d.id = c.document_id
    GROUP BY m.relation_id
)
UPDATE graph_relation r
SET summary = w.description, summary_upto = c.upto, summary_count = c.mentions
FROM wanted w JOIN counted c ON c.relation_id = w.id
WHERE r.id = w.id AND c.imported
RETURNING r.id
"""

INSERT_ENTITIES = """
INSERT INTO graph_entity (
    workspace_id, name, entity_type, description, degree, fragments, summary,
    summary_upto, summary_count, manual, edited_type, edited_description,
    created_at, updated_at)
SELECT %(workspace)s, s.name, s.type, s.description, 0, 0, '', 0, 0, true, s.type,
    s.description, now(), now()
FROM unnest(%(names)s::text[], %(types)s::text[], %(descriptions)s::text[])
    AS s (name, type, description)
ON CONFLICT (workspace_id, name) DO NOTHING
RETURNING id
"""

INSERT_RELATIONS = """
INSERT INTO graph_relation (
    workspace_id, source_id, target_id, description, keywords, weight, fragments,
    summary, summary_upto, summary_count, manual, edited_description,
    edited_keywords, edited_weight, created_at, updated_at)
SELECT %(workspace)s, least(a.id, b.id), greatest(a.id, b.id), s.description,
    s.keywords, s.weight, 0, '', 0, 0, true, s.description, s.keywords, s.weight,
    now(), now()
FROM unnest(%(sources)s::text[], %(targets)s::text[], %(descriptions)s::text[],
    %(keywords)s::text[], %(weights)s::float8[])
    AS s (source, target, description, keywords, weight)
JOIN graph_entity a ON a.workspace_id = %(workspace)s AND a.name = s.source
JOIN graph_entity b ON b.workspace_id = %(workspace)s AND b.name = s.target
WHERE a.id <> b.id
ON CONFLICT (workspace_id, source_id, target_id) DO NOTHING
RETURNING source_id, target_id
"""


def store_descriptions(workspace_id: int, attributed: Attribution) -> None:
    """Store the merged descriptions after all chunks have been merged. Six statements.

    The caller holds the workspace's lock (`locks.lock_and_invalidate`).
    """
    create_without_chunks(
        workspace_id,
        attributed.entities_without_chunks,
        attributed.relations_without_chunks,
    )
    entities = {
        "workspace": workspace_id,
        "names": list(attributed.entity_descriptions),
        "descriptions": list(attributed.entity_descriptions.values()),
    }
    relations = {
        "workspace": workspace_id,
        "sources": [source for source, _ in attributed.relation_descriptions],
        "targets": [target for _, target in attributed.relation_descriptions],
        "descriptions": list(attributed.relation_descriptions.values()),
    }
    derive.relations([row[0] for row in fetch(KEEP_RELATIONS, relations)])
    derive.entities([row[0] for row in fetch(KEEP_ENTITIES, entities)])


def create_without_chunks(
    workspace_id: int,
    entities: Sequence[StoredEntity],
    relations: Sequence[StoredRelation],
) -> None:
    """Insert entities and relations that users created; skip existing ones.

    Two statements.
    """
    entity_values = {
        "workspace": workspace_id,
        "names": [entity.name for entity in entities],
        "types": [entity.entity_type for entity in entities],
        "descriptions": [entity.description for entity in entities],
    }
    relation_values = {
        "workspace": workspace_id,
        "sources": [relation.source for relation in relations],
        "targets": [relation.target for relation in relations],
        "descriptions": [relation.description for relation in relations],
        "keywords": [relation.keywords for relation in relations],
        "weights": [relation.weight for relation in relations],
    }
    fetch(INSERT_ENTITIES, entity_values)
    ends = fetch(INSERT_RELATIONS, relation_values)
    derive.entities([entity for pair in ends for entity in pair])


def fetch(statement: str, values: Mapping[str, Any]) -> list[tuple[int, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
