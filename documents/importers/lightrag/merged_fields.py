"""What LightRAG had made of all mentions together, where ours would come out otherwise.

A merged description that a model wrote, or that is longer than ours may be, is kept as
the summary of the imported mentions: it stands until one of them leaves. What no chunk
speaks of was made by a person, and stays as such.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

from documents.importers.lightrag.attribution import Attribution
from documents.importers.lightrag.store import StoredEntity, StoredRelation
from graph.merging import derive

# Mentions by others among the covered ones would be hidden by the summary.
KEEP_ENTITIES = """
WITH wanted AS (
    SELECT e.id, f.description
    FROM unnest(%(names)s::text[], %(descriptions)s::text[]) AS f (name, description)
    JOIN graph_entity e ON e.workspace_id = %(workspace)s AND e.name = f.name
    WHERE e.summary_count = 0 AND e.edited_description = ''
        AND f.description <> '' AND e.description <> f.description
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
    SELECT r.id, f.description
    FROM unnest(%(sources)s::text[], %(targets)s::text[], %(descriptions)s::text[])
        AS f (source, target, description)
    JOIN graph_entity a ON a.workspace_id = %(workspace)s AND a.name = f.source
    JOIN graph_entity b ON b.workspace_id = %(workspace)s AND b.name = f.target
    JOIN graph_relation r ON r.workspace_id = %(workspace)s
        AND r.source_id = least(a.id, b.id) AND r.target_id = greatest(a.id, b.id)
    WHERE r.summary_count = 0 AND r.edited_description = ''
        AND f.description <> '' AND r.description <> f.description
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

MAKE_ENTITIES = """
INSERT INTO graph_entity (
    workspace_id, name, entity_type, description, degree, fragments, summary,
    summary_upto, summary_count, manual, edited_type, edited_description,
    created_at, updated_at)
SELECT %(workspace)s, f.name, f.type, f.description, 0, 0, '', 0, 0, true, f.type,
    f.description, now(), now()
FROM unnest(%(names)s::text[], %(types)s::text[], %(descriptions)s::text[])
    AS f (name, type, description)
ON CONFLICT (workspace_id, name) DO NOTHING
RETURNING id
"""

MAKE_RELATIONS = """
INSERT INTO graph_relation (
    workspace_id, source_id, target_id, description, keywords, weight, fragments,
    summary, summary_upto, summary_count, manual, edited_description,
    edited_keywords, edited_weight, created_at, updated_at)
SELECT %(workspace)s, least(a.id, b.id), greatest(a.id, b.id), f.description,
    f.keywords, f.weight, 0, '', 0, 0, true, f.description, f.keywords, f.weight,
    now(), now()
FROM unnest(%(sources)s::text[], %(targets)s::text[], %(descriptions)s::text[],
    %(keywords)s::text[], %(weights)s::float8[])
    AS f (source, target, description, keywords, weight)
JOIN graph_entity a ON a.workspace_id = %(workspace)s AND a.name = f.source
JOIN graph_entity b ON b.workspace_id = %(workspace)s AND b.name = f.target
WHERE a.id <> b.id
ON CONFLICT (workspace_id, source_id, target_id) DO NOTHING
RETURNING source_id, target_id
"""


def keep(workspace_id: int, said: Attribution) -> None:
    """Call it under `locking.lock`, when all chunks have been merged. Six statements."""
    make(workspace_id, said.unsaid_entities, said.unsaid_relations)
    entities = {
        "workspace": workspace_id,
        "names": list(said.entities),
        "descriptions": list(said.entities.values()),
    }
    relations = {
        "workspace": workspace_id,
        "sources": [source for source, _ in said.relations],
        "targets": [target for _, target in said.relations],
        "descriptions": list(said.relations.values()),
    }
    derive.relations([row[0] for row in fetch(KEEP_RELATIONS, relations)])
    derive.entities([row[0] for row in fetch(KEEP_ENTITIES, entities)])


def make(
    workspace_id: int,
    entities: Sequence[StoredEntity],
    relations: Sequence[StoredRelation],
) -> None:
    """What was made by hand, in two statements; what is there already stays as it is."""
    made = {
        "workspace": workspace_id,
        "names": [entity.name for entity in entities],
        "types": [entity.entity_type for entity in entities],
        "descriptions": [entity.description for entity in entities],
    }
    drawn = {
        "workspace": workspace_id,
        "sources": [relation.source for relation in relations],
        "targets": [relation.target for relation in relations],
        "descriptions": [relation.description for relation in relations],
        "keywords": [relation.keywords for relation in relations],
        "weights": [relation.weight for relation in relations],
    }
    fetch(MAKE_ENTITIES, made)
    ends = fetch(MAKE_RELATIONS, drawn)
    derive.entities([entity for pair in ends for entity in pair])


def fetch(statement: str, values: Mapping[str, Any]) -> list[tuple[int, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return list(cursor.fetchall())
