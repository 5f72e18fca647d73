"""SQL of an import: the rows are copied to a temporary table, checked and written as sets.

A row with a `target` is an edge, a row without one a node. `entity_id` and `target_id` are
the entities of its names in the workspace, by name or alias.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """A statement that finds the first invalid line.

    It returns the line and the value that is inserted into `problem`.
    """

    field: str
    problem: str
    statement: str


@dataclass(frozen=True, slots=True)
class Writes:
    """Statements that count rows of one kind, update existing ones and insert others."""

    count: str
    change: str
    insert: str
    after: tuple[str, ...] = ()


COLUMNS = (
    "number, line, name, target, entity_type, description, aliases, keywords, weight"
)
TABLE = """
CREATE TEMP TABLE IF NOT EXISTS imported (
    number int PRIMARY KEY, line text, name text, target text, entity_type text,
    description text, aliases text[], keywords text, weight float8,
    entity_id bigint, target_id bigint
) ON COMMIT DROP;
TRUNCATE imported;
"""
PREPARE = (
    "CREATE INDEX IF NOT EXISTS imported_names ON imported (name)",
    "ANALYZE imported",
    """
UPDATE imported i SET entity_id = coalesce(a.entity_id, e.id)
FROM imported n
LEFT JOIN graph_entityalias a ON a.workspace_id = %(workspace)s AND a.name = n.name
LEFT JOIN graph_entity e ON e.workspace_id = %(workspace)s AND e.name = n.name
WHERE n.number = i.number AND i.target IS NULL
    AND coalesce(a.entity_id, e.id) IS NOT NULL
""",
)

NODE_CHECKS = (
    Check(
        "name",
        "'{}' is a duplicate",
        """
SELECT line, name FROM (
    SELECT number, line, name, row_number() OVER (PARTITION BY name ORDER BY number)
    FROM imported WHERE target IS NULL
) AS counted WHERE row_number > 1 ORDER BY number LIMIT 1
""",
    ),
    Check(
        "aliases",
        "'{}' is the name of another node",
        """
SELECT i.line, a.name FROM imported i CROSS JOIN unnest(i.aliases) AS a (name)
JOIN imported n ON n.target IS NULL AND n.name = a.name
WHERE i.target IS NULL ORDER BY i.number LIMIT 1
""",
    ),
    Check(
        "aliases",
        "'{}' is a duplicate",
        """
SELECT line, name FROM (
    SELECT i.number, i.line, a.name,
        row_number() OVER (PARTITION BY a.name ORDER BY i.number)
    FROM imported i CROSS JOIN unnest(i.aliases) AS a (name) WHERE i.target IS NULL
) AS counted WHERE row_number > 1 ORDER BY number LIMIT 1
""",
    ),
)

ENTITIES = Writes(
    count="SELECT count(*) FROM imported WHERE target IS NULL",
    change="""
UPDATE graph_entity e
SET manual = true,
    edited_type = CASE f.entity_type WHEN 'UNKNOWN' THEN '' ELSE f.entity_type END,
    edited_description = f.description, edit_scope = '{}', updated_at = now()
FROM (
    SELECT DISTINCT ON (entity_id) entity_id, entity_type, description
    FROM imported WHERE target IS NULL AND entity_id IS NOT NULL
    ORDER BY entity_id, number
) AS f
WHERE %(replace)s AND e.id = f.entity_id
""",
    insert="""
INSERT INTO graph_entity (
    workspace_id, name, entity_type, description, degree, fragments, summary,
    summary_upto, summary_count, manual, edited_type, edited_description,
    created_at, updated_at)
SELECT %(workspace)s, name, entity_type, description, 0, 0, '', 0, 0, true,
    CASE entity_type WHEN 'UNKNOWN' THEN '' ELSE entity_type END, description,
    now(), now()
FROM imported WHERE target IS NULL AND entity_id IS NULL
ORDER BY name
""",
    after=(
        """
UPDATE imported i SET entity_id = e.id
FROM graph_entity e
WHERE i.target IS NULL AND i.entity_id IS NULL
    AND e.workspace_id = %(workspace)s AND e.name = i.name
""",
        """
INSERT INTO graph_entityalias (workspace_id, name, entity_id, merge_snapshot)
SELECT %(workspace)s, a.name, i.entity_id, '{}'
FROM imported i CROSS JOIN unnest(i.aliases) AS a (name)
WHERE i.target IS NULL AND NOT EXISTS (
    SELECT FROM graph_entity e WHERE e.workspace_id = %(workspace)s AND e.name = a.name
)
ON CONFLICT (workspace_id, name) DO NOTHING
""",
        """
WITH ends AS (
    SELECT name FROM imported WHERE target IS NOT NULL
    UNION SELECT target FROM imported WHERE target IS NOT NULL
), resolved AS (
    SELECT x.name, coalesce(n.entity_id, a.entity_id, e.id) AS id
    FROM ends x
    LEFT JOIN imported n ON n.target IS NULL AND n.name = x.name
    LEFT JOIN graph_entityalias a ON a.workspace_id = %(workspace)s AND a.name = x.name
    LEFT JOIN graph_entity e ON e.workspace_id = %(workspace)s AND e.name = x.name
)
UPDATE imported i SET entity_id = s.id, target_id = t.id
FROM resolved s, resolved t
WHERE i.target IS NOT NULL AND s.name = i.name AND t.name = i.target
""",
    ),
)

EDGE_CHECKS = (
    Check(
        "source",
        "there is no entity '{}'",
        """
SELECT line, name FROM imported
WHERE target IS NOT NULL AND entity_id IS NULL ORDER BY number LIMIT 1
""",
    ),
    Check(
        "target",
        "there is no entity '{}'",
        """
SELECT line, target FROM imported
WHERE target IS NOT NULL AND target_id IS NULL ORDER BY number LIMIT 1
""",
    ),
    Check(
        "target",
        "the relation to '{}' is a duplicate",
        """
SELECT line, target FROM (
    SELECT number, line, target, row_number() OVER (
        PARTITION BY least(name, target), greatest(name, target) ORDER BY number)
    FROM imported WHERE target IS NOT NULL
) AS counted WHERE row_number > 1 ORDER BY number LIMIT 1
""",
    ),
    Check(
        "weight",
        "less than the number of chunks that mention the relation ({})",
        """
SELECT i.line, count(DISTINCT m.chunk_id) AS chunks
FROM imported i
JOIN graph_relation r ON r.workspace_id = %(workspace)s
    AND r.source_id = least(i.entity_id, i.target_id)
    AND r.target_id = greatest(i.entity_id, i.target_id)
JOIN graph_relationmention m ON m.relation_id = r.id
WHERE %(replace)s AND i.target IS NOT NULL
GROUP BY i.number, i.line, i.weight
HAVING i.weight < count(DISTINCT m.chunk_id)
ORDER BY i.number LIMIT 1
""",
    ),
)

RELATIONS = Writes(
    count="SELECT count(*) FROM imported WHERE target IS NOT NULL",
    change="""
UPDATE graph_relation r
SET manual = true, edited_description = f.description, edited_keywords = f.keywords,
    edited_weight = f.weight, edit_scope = '{}', updated_at = now()
FROM (
    SELECT DISTINCT ON (least(entity_id, target_id), greatest(entity_id, target_id))
        least(entity_id, target_id) AS one, greatest(entity_id, target_id) AS other,
        description, keywords, weight
    FROM imported WHERE target IS NOT NULL
    ORDER BY 1, 2, number
) AS f
WHERE %(replace)s AND r.workspace_id = %(workspace)s
    AND r.source_id = f.one AND r.target_id = f.other
""",
    insert="""
INSERT INTO graph_relation (
    workspace_id, source_id, target_id, description, keywords, weight, fragments,
    summary, summary_upto, summary_count, manual, edited_description,
    edited_keywords, edited_weight, created_at, updated_at)
SELECT DISTINCT ON (least(entity_id, target_id), greatest(entity_id, target_id))
    %(workspace)s, least(entity_id, target_id), greatest(entity_id, target_id),
    description, keywords, weight, 0, '', 0, 0, true, description, keywords, weight,
    now(), now()
FROM imported WHERE target IS NOT NULL AND entity_id <> target_id
ORDER BY least(entity_id, target_id), greatest(entity_id, target_id), number
ON CONFLICT (workspace_id, source_id, target_id) DO NOTHING
""",
)

TOUCHED = """
SELECT ARRAY(
    SELECT entity_id FROM imported UNION SELECT target_id FROM imported
    WHERE target_id IS NOT NULL
), ARRAY(
    SELECT r.id FROM imported i
    JOIN graph_relation r ON r.workspace_id = %(workspace)s
        AND r.source_id = least(i.entity_id, i.target_id)
        AND r.target_id = greatest(i.entity_id, i.target_id)
    WHERE i.target IS NOT NULL
)
"""
