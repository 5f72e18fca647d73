"""Merge of stored extractions into the graph: entities, relations and mentions.

The extractions are JSON in the database, and the merge runs in SQL for many chunks at
once. Merging the same chunks again changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from graph.merging import derive
from retrieval.index.search_rows import Touched

TEMPORARY_TABLES = """
CREATE TEMP TABLE IF NOT EXISTS extracted_entity (
    chunk_id bigint, name text, entity_type text, description text
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS extracted_name (
    name text, entity_id bigint
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS extracted_relation (
    chunk_id bigint, mentioned_source text, mentioned_target text, description text,
    keywords text, weight float8, source_id bigint, target_id bigint
) ON COMMIT DELETE ROWS;
TRUNCATE extracted_entity, extracted_name, extracted_relation;
"""

# LightRAG's rule (docs/lightrag.md C.8): an entity that only a relation of the chunk names
# has an unknown type and the relation's description.
EXTRACT_ENTITIES = """
INSERT INTO extracted_entity
SELECT DISTINCT ON (chunk_id, name) chunk_id, name, entity_type, description
FROM (
    SELECT c.id AS chunk_id, e.name, e.type AS entity_type, e.description, 0 AS rank
    FROM documents_chunk c
    JOIN graph_chunkextraction x ON x.chunk_id = c.id
    CROSS JOIN jsonb_to_recordset(x.records -> 'entities')
        AS e (name text, type text, description text)
    WHERE c.id = ANY(%(chunks)s)
    UNION ALL
    SELECT c.id, ends.name, 'UNKNOWN', r.description, 1
    FROM documents_chunk c
    JOIN graph_chunkextraction x ON x.chunk_id = c.id
    CROSS JOIN jsonb_to_recordset(x.records -> 'relationships')
        AS r (source text, target text, description text)
    CROSS JOIN LATERAL (VALUES (r.source), (r.target)) AS ends (name)
    WHERE c.id = ANY(%(chunks)s)
) AS extracted
ORDER BY chunk_id, name, rank, description
"""

INSERT_ENTITIES = """
INSERT INTO graph_entity (
    workspace_id, name, entity_type, description, degree, fragments, summary,
    summary_upto, summary_count, manual, edited_type, edited_description,
    created_at, updated_at)
SELECT %(workspace)s, s.name, (array_agg(s.entity_type ORDER BY s.chunk_id))[1],
    (array_agg(s.description ORDER BY s.chunk_id))[1],
    0, 0, '', 0, 0, false, '', '', now(), now()
FROM extracted_entity s
WHERE NOT EXISTS (
    SELECT FROM graph_entityalias a
    WHERE a.workspace_id = %(workspace)s AND a.name = s.name
)
GROUP BY s.name
ORDER BY s.name
ON CONFLICT (workspace_id, name) DO NOTHING
"""

# A former name of a renamed or merged entity resolves to that entity.
RESOLVE_NAMES = """
INSERT INTO extracted_name
SELECT s.name, coalesce(a.entity_id, e.id)
FROM (SELECT DISTINCT name FROM extracted_entity) s
LEFT JOIN graph_entityalias a
    ON a.workspace_id = %(workspace)s AND a.name = s.name
LEFT JOIN graph_entity e
    ON e.workspace_id = %(workspace)s AND e.name = s.name
"""

INSERT_ENTITY_MENTIONS = """
INSERT INTO graph_entitymention (entity_id, chunk_id, mentioned_name, entity_type, description)
SELECT n.entity_id, s.chunk_id, s.name, s.entity_type, s.description
FROM extracted_entity s JOIN extracted_name n USING (name)
ORDER BY s.chunk_id
ON CONFLICT (chunk_id, entity_id, mentioned_name) DO NOTHING
"""

EXTRACT_RELATIONS = """
INSERT INTO extracted_relation
SELECT c.id, r.source, r.target, r.description, r.keywords, coalesce(r.weight, 1),
    least(s.entity_id, t.entity_id), greatest(s.entity_id, t.entity_id)
FROM documents_chunk c
JOIN graph_chunkextraction x ON x.chunk_id = c.id
CROSS JOIN jsonb_to_recordset(x.records -> 'relationships')
    AS r (source text, target text, description text, keywords text, weight float8)
JOIN extracted_name s ON s.name = r.source
JOIN extracted_name t ON t.name = r.target
WHERE c.id = ANY(%(chunks)s) AND s.entity_id <> t.entity_id
"""

# The values are those that `derive.relations` computes for a relation with one mention, as
# most have. So their rows, and their edges in AGE, are written once.
INSERT_RELATIONS = f"""
INSERT INTO graph_relation (
    workspace_id, source_id, target_id, description, keywords, weight, fragments,
    summary, summary_upto, summary_count, manual, edited_description,
    edited_keywords, created_at, updated_at)
SELECT %(workspace)s, source_id, target_id,
    (array_agg(description ORDER BY chunk_id))[1],
    coalesce((
        SELECT {derive.UNION_KEYWORDS}
        FROM (SELECT string_agg(keywords, ',') AS keywords) AS merged
        CROSS JOIN LATERAL {derive.SPLIT_KEYWORDS}
        WHERE trim(word) <> ''), ''),
    sum(weight), count(DISTINCT description) FILTER (WHERE description <> ''),
    '', 0, 0, false, '', '', now(), now()
FROM extracted_relation
GROUP BY source_id, target_id
ORDER BY source_id, target_id
ON CONFLICT (workspace_id, source_id, target_id) DO NOTHING
"""  # noqa: S608 - constants only

INSERT_RELATION_MENTIONS = """
INSERT INTO graph_relationmention (
    relation_id, chunk_id, mentioned_source, mentioned_target, description, keywords, weight)
SELECT r.id, s.chunk_id, s.mentioned_source, s.mentioned_target, s.description, s.keywords,
    s.weight
FROM extracted_relation s
JOIN graph_relation r ON r.workspace_id = %(workspace)s
    AND r.source_id = s.source_id AND r.target_id = s.target_id
ORDER BY s.chunk_id
ON CONFLICT (chunk_id, relation_id, mentioned_source, mentioned_target) DO NOTHING
"""

TOUCHED = """
SELECT ARRAY(SELECT DISTINCT entity_id FROM extracted_name),
    ARRAY(
        SELECT DISTINCT r.id FROM extracted_relation s
        JOIN graph_relation r ON r.workspace_id = %(workspace)s
            AND r.source_id = s.source_id AND r.target_id = s.target_id
    )
"""

STEPS = (
    EXTRACT_ENTITIES,
    INSERT_ENTITIES,
    RESOLVE_NAMES,
    INSERT_ENTITY_MENTIONS,
    EXTRACT_RELATIONS,
    INSERT_RELATIONS,
    INSERT_RELATION_MENTIONS,
)


def run(workspace_id: int, chunk_ids: Sequence[int]) -> Touched:
    """Merge the extractions of these chunks into the graph; return the touched rows.

    Call it in a transaction that holds `locks.lock_and_invalidate`. The merged fields are
    computed by `graph.merging.derive`.
    """
    values: dict[str, Any] = {"workspace": workspace_id, "chunks": list(chunk_ids)}
    with connection.cursor() as cursor:
        cursor.execute(TEMPORARY_TABLES)
        for step in STEPS:
            cursor.execute(step, values)
        cursor.execute(TOUCHED, values)
        entities, relations = cursor.fetchone()
    derive.relations(relations)
    derive.entities(entities)
    return Touched(tuple(entities), tuple(relations))
