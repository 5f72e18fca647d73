"""Stored extractions -> entities, relations and mentions, for many chunks at once.

Everything happens inside PostgreSQL: the extractions stand there as JSON, so no row
travels. Running it again for the same chunks changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db import connection

from graph.merging import derive
from retrieval.index.search_rows import Touched

SAID_TABLES = """
CREATE TEMP TABLE IF NOT EXISTS said_entity (
    chunk_id bigint, name text, entity_type text, description text
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS said_name (
    name text, entity_id bigint
) ON COMMIT DELETE ROWS;
CREATE TEMP TABLE IF NOT EXISTS said_relation (
    chunk_id bigint, said_source text, said_target text, description text,
    keywords text, weight float8, source_id bigint, target_id bigint
) ON COMMIT DELETE ROWS;
TRUNCATE said_entity, said_name, said_relation;
"""

# An end that its chunk describes nowhere else is an entity too, of unknown type and
# with the relation's description, as upstream has it.
READ_ENTITIES = """
INSERT INTO said_entity
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
) AS found
ORDER BY chunk_id, name, rank, description
"""

MAKE_ENTITIES = """
INSERT INTO graph_entity (
    workspace_id, name, entity_type, description, degree, fragments, summary,
    summary_upto, summary_count, manual, edited_type, edited_description,
    created_at, updated_at)
SELECT %(workspace)s, s.name, (array_agg(s.entity_type ORDER BY s.chunk_id))[1],
    (array_agg(s.description ORDER BY s.chunk_id))[1],
    0, 0, '', 0, 0, false, '', '', now(), now()
FROM said_entity s
WHERE NOT EXISTS (
    SELECT FROM graph_entityalias a
    WHERE a.workspace_id = %(workspace)s AND a.name = s.name
)
GROUP BY s.name
ORDER BY s.name
ON CONFLICT (workspace_id, name) DO NOTHING
"""

# A name that a person gave up by renaming or merging leads to what it became.
RESOLVE_NAMES = """
INSERT INTO said_name
SELECT s.name, coalesce(a.entity_id, e.id)
FROM (SELECT DISTINCT name FROM said_entity) s
LEFT JOIN graph_entityalias a
    ON a.workspace_id = %(workspace)s AND a.name = s.name
LEFT JOIN graph_entity e
    ON e.workspace_id = %(workspace)s AND e.name = s.name
"""

MENTION_ENTITIES = """
INSERT INTO graph_entitymention (entity_id, chunk_id, said_name, entity_type, description)
SELECT n.entity_id, s.chunk_id, s.name, s.entity_type, s.description
FROM said_entity s JOIN said_name n USING (name)
ORDER BY s.chunk_id
ON CONFLICT (chunk_id, entity_id, said_name) DO NOTHING
"""

READ_RELATIONS = """
INSERT INTO said_relation
SELECT c.id, r.source, r.target, r.description, r.keywords, coalesce(r.weight, 1),
    least(s.entity_id, t.entity_id), greatest(s.entity_id, t.entity_id)
FROM documents_chunk c
JOIN graph_chunkextraction x ON x.chunk_id = c.id
CROSS JOIN jsonb_to_recordset(x.records -> 'relationships')
    AS r (source text, target text, description text, keywords text, weight float8)
JOIN said_name s ON s.name = r.source
JOIN said_name t ON t.name = r.target
WHERE c.id = ANY(%(chunks)s) AND s.entity_id <> t.entity_id
"""

# As `refresh.relations` derives what one passage speaks of, which most are: such a row, and
# its edge in AGE, is written once.
MAKE_RELATIONS = """
INSERT INTO graph_relation (
    workspace_id, source_id, target_id, description, keywords, weight, fragments,
    summary, summary_upto, summary_count, manual, edited_description,
    edited_keywords, created_at, updated_at)
SELECT %(workspace)s, source_id, target_id,
    (array_agg(description ORDER BY chunk_id))[1],
    coalesce((
        SELECT string_agg(DISTINCT trim(word), ',' ORDER BY trim(word))
        FROM regexp_split_to_table(string_agg(keywords, ','), '[,，]') AS word
        WHERE trim(word) <> ''), ''),
    sum(weight), count(DISTINCT description) FILTER (WHERE description <> ''),
    '', 0, 0, false, '', '', now(), now()
FROM said_relation
GROUP BY source_id, target_id
ORDER BY source_id, target_id
ON CONFLICT (workspace_id, source_id, target_id) DO NOTHING
"""

MENTION_RELATIONS = """
INSERT INTO graph_relationmention (
    relation_id, chunk_id, said_source, said_target, description, keywords, weight)
SELECT r.id, s.chunk_id, s.said_source, s.said_target, s.description, s.keywords,
    s.weight
FROM said_relation s
JOIN graph_relation r ON r.workspace_id = %(workspace)s
    AND r.source_id = s.source_id AND r.target_id = s.target_id
ORDER BY s.chunk_id
ON CONFLICT (chunk_id, relation_id, said_source, said_target) DO NOTHING
"""

TOUCHED = """
SELECT ARRAY(SELECT DISTINCT entity_id FROM said_name),
    ARRAY(
        SELECT DISTINCT r.id FROM said_relation s
        JOIN graph_relation r ON r.workspace_id = %(workspace)s
            AND r.source_id = s.source_id AND r.target_id = s.target_id
    )
"""

STEPS = (
    READ_ENTITIES,
    MAKE_ENTITIES,
    RESOLVE_NAMES,
    MENTION_ENTITIES,
    READ_RELATIONS,
    MAKE_RELATIONS,
    MENTION_RELATIONS,
)


def run(workspace_id: int, chunk_ids: Sequence[int]) -> Touched:
    """Fold the extractions of these chunks into the graph.

    Call it in a transaction that holds `locking.lock`. Merged fields follow
    docs/lightrag.md C.8 (see `graph.merging.derive`).
    """
    values: dict[str, Any] = {"workspace": workspace_id, "chunks": list(chunk_ids)}
    with connection.cursor() as cursor:
        cursor.execute(SAID_TABLES)
        for step in STEPS:
            cursor.execute(step, values)
        cursor.execute(TOUCHED, values)
        entities, relations = cursor.fetchone()
    derive.relations(relations)
    derive.entities(entities)
    return Touched(tuple(entities), tuple(relations))
