"""Comparison of a workspace's AGE graph with its tables, and its repair.

Triggers keep them equal (`graph/migrations/schema.sql`). They can differ after writes
that bypassed the triggers, or in a database that got AGE later. A workspace has no graph
until Cypher is first used.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from documents.workspaces import locks
from graph.age.errors import CypherUnavailable

EXAMPLES = 5

# AGE's parent tables hold the vertices and edges of every label, also of foreign ones.
_DEGREES = """
WITH entities AS (
    SELECT * FROM graph_entity WHERE workspace_id = %(workspace)s
), relations AS (
    SELECT * FROM graph_relation WHERE workspace_id = %(workspace)s
), ends AS (
    SELECT source_id AS entity_id FROM relations
    UNION ALL SELECT target_id FROM relations
), degrees AS (
    SELECT entity_id, count(*) AS degree FROM ends GROUP BY entity_id
), miscounted AS (
    SELECT 'degree differs' AS problem, e.name AS example
    FROM entities e LEFT JOIN degrees d ON d.entity_id = e.id
    WHERE e.degree <> coalesce(d.degree, 0)
)"""

_SUMMARY = """
SELECT problem, count(*), (array_agg(example ORDER BY example))[1:%(examples)s]
FROM differences GROUP BY problem ORDER BY problem
"""

_WRONG_DEGREES = f"""{_DEGREES}, differences AS (SELECT * FROM miscounted)
{_SUMMARY}"""  # noqa: S608 - constants only

_DIFFERENCES = f"""{_DEGREES}, vertices AS (
    SELECT CASE WHEN v.id IS NULL THEN 'vertex missing'
            WHEN e.id IS NULL THEN 'vertex extra' ELSE 'vertex differs' END AS problem,
        coalesce(e.name, v.properties::text) AS example
    FROM entities e
    FULL JOIN {{graph}}._ag_label_vertex v ON v.id = lightrag_vertex_id(e.id)
    WHERE v.id IS NULL OR e.id IS NULL
        OR v.properties <> lightrag_vertex(e.name, e.entity_type, e.description)
), edges AS (
    SELECT CASE WHEN g.id IS NULL THEN 'edge missing'
            WHEN r.id IS NULL THEN 'edge extra' ELSE 'edge differs' END AS problem,
        coalesce(a.name || ' - ' || b.name, g.properties::text) AS example
    FROM relations r
    FULL JOIN {{graph}}._ag_label_edge g ON g.id = lightrag_edge_id(r.id)
    LEFT JOIN entities a ON a.id = r.source_id
    LEFT JOIN entities b ON b.id = r.target_id
    WHERE g.id IS NULL OR r.id IS NULL
        OR g.start_id <> lightrag_vertex_id(r.source_id)
        OR g.end_id <> lightrag_vertex_id(r.target_id)
        OR g.properties <> lightrag_edge(r.description, r.keywords, r.weight)
), differences AS (
    SELECT * FROM vertices UNION ALL SELECT * FROM edges
    UNION ALL SELECT * FROM miscounted
) {_SUMMARY}"""  # noqa: S608 - constants only

_COUNT = """
SELECT (SELECT count(*) FROM graph_entity WHERE workspace_id = %(workspace)s),
    (SELECT count(*) FROM graph_relation WHERE workspace_id = %(workspace)s)
"""

_RECOUNT_DEGREES = """
WITH ends AS (
    SELECT source_id AS entity_id FROM graph_relation WHERE workspace_id = %(workspace)s
    UNION ALL
    SELECT target_id FROM graph_relation WHERE workspace_id = %(workspace)s
), degrees AS (
    SELECT entity_id, count(*) AS degree FROM ends GROUP BY entity_id
)
UPDATE graph_entity e SET degree = coalesce(d.degree, 0)
FROM graph_entity old LEFT JOIN degrees d ON d.entity_id = old.id
WHERE e.id = old.id AND e.workspace_id = %(workspace)s
    AND e.degree <> coalesce(d.degree, 0)
"""

_REBUILD = (
    "TRUNCATE {graph}._ag_label_edge, {graph}._ag_label_vertex",
    """
    INSERT INTO {graph}.base (id, properties)
    SELECT lightrag_vertex_id(id), lightrag_vertex(name, entity_type, description)
    FROM graph_entity WHERE workspace_id = %(workspace)s
    """,
    """
    INSERT INTO {graph}."DIRECTED" (id, start_id, end_id, properties)
    SELECT lightrag_edge_id(id), lightrag_vertex_id(source_id),
        lightrag_vertex_id(target_id), lightrag_edge(description, keywords, weight)
    FROM graph_relation WHERE workspace_id = %(workspace)s
    """,
)


@dataclass(frozen=True, slots=True)
class Difference:
    """A kind of difference, its number of occurrences, and a few names."""

    problem: str
    count: int
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """Numbers of entities and relations, and the differences of the graph from them.

    Without a graph, only the degrees are compared, which are part of the tables.
    """

    entities: int
    relations: int
    differences: tuple[Difference, ...] = ()


def check(workspace_id: int) -> Report:
    """Compare the graph with the tables in one statement.

    Raises `CypherUnavailable` if AGE is not installed.
    """
    with _age_cursor(workspace_id) as cursor:
        cursor.execute(_COUNT, {"workspace": workspace_id})
        entities, relations = cursor.fetchone() or (0, 0)
        if _is_projection_missing(cursor):
            missing = Difference("projection missing", 1, (_graph(workspace_id),))
            return Report(entities, relations, (missing,))
        has_graph = _has_graph(cursor, workspace_id)
        statement = _DIFFERENCES if has_graph else _WRONG_DEGREES
        cursor.execute(
            statement.format(graph=_graph(workspace_id)),
            {"workspace": workspace_id, "examples": EXAMPLES},
        )
        differences = tuple(
            Difference(problem, count, tuple(examples))
            for problem, count, examples in cursor.fetchall()
        )
        return Report(entities, relations, differences)


def repair(workspace_id: int) -> None:
    """Correct the degrees, and rebuild the graph if there is one, in one transaction.

    The projection must be installed (`graph.age.projection`). Writers wait. Raises
    `CypherUnavailable` if AGE is not installed.
    """
    with _age_cursor(workspace_id) as cursor:
        locks.lock_and_invalidate(workspace_id)
        cursor.execute(_RECOUNT_DEGREES, {"workspace": workspace_id})
        if _has_graph(cursor, workspace_id):
            _fill(cursor, workspace_id)


def ensure(workspace_id: int) -> None:
    """Create the graph from the tables if there is none. Writers wait meanwhile.

    Raises `CypherUnavailable` if AGE is not installed.
    """
    with _age_cursor(workspace_id) as cursor:
        if _has_graph(cursor, workspace_id) or _is_projection_missing(cursor):
            return
        locks.lock_workspace(workspace_id)
        # Two concurrent calls of AGE's create_graph fail, so they are serialized.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('lightrag.workspaces'))")
        if not _has_graph(cursor, workspace_id):
            cursor.execute("SELECT lightrag_make_graph(%s)", [_graph(workspace_id)])
            _fill(cursor, workspace_id)


def _fill(cursor: CursorWrapper, workspace_id: int) -> None:
    for statement in _REBUILD:
        cursor.execute(
            statement.format(graph=_graph(workspace_id)), {"workspace": workspace_id}
        )


def _graph(workspace_id: int) -> str:
    return f"workspace_{int(workspace_id)}"


@contextmanager
def _age_cursor(workspace_id: int) -> Iterator[CursorWrapper]:
    """Yield a cursor that finds AGE's operators, in a transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT lightrag_has('age')")
        if cursor.fetchone() == (False,):
            raise CypherUnavailable("Apache AGE is not installed: there is no graph.")
        cursor.execute("SELECT current_setting('search_path')")
        (before,) = cursor.fetchone() or ("",)
        cursor.execute("SET LOCAL search_path = public, ag_catalog")
        yield cursor
        cursor.execute("SELECT set_config('search_path', %s, true)", [before])


def _is_projection_missing(cursor: CursorWrapper) -> bool:
    cursor.execute("SELECT to_regproc('public.lightrag_vertex_id') IS NULL")
    return bool(cursor.fetchone() == (True,))


def _has_graph(cursor: CursorWrapper, workspace_id: int) -> bool:
    cursor.execute(
        "SELECT EXISTS (SELECT FROM ag_catalog.ag_graph WHERE name = %s)",
        [_graph(workspace_id)],
    )
    return bool(cursor.fetchone() == (True,))
