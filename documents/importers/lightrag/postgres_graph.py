"""LightRAG's graph in PostgreSQL: in Apache AGE or in plain tables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg import sql

NAMESPACE = "chunk_entity_relation"
ROWS_PER_FETCH = 1000
"""Number of rows that the cursor fetches per round trip."""

AGE_NODES = """
SELECT NULL, NULL, properties::text FROM {graph}.base
"""
AGE_EDGES = """
SELECT (a.properties::text::jsonb)->>'entity_id', (b.properties::text::jsonb)->>'entity_id',
    e.properties::text
FROM {graph}."DIRECTED" e
JOIN {graph}.base a ON a.id OPERATOR(ag_catalog.=) e.start_id
JOIN {graph}.base b ON b.id OPERATOR(ag_catalog.=) e.end_id
"""
TABLE_NODES = """
SELECT id, NULL, properties::text FROM lightrag_graph_nodes
WHERE workspace = {workspace} AND namespace = {namespace}
"""
TABLE_EDGES = """
SELECT src_id, tgt_id, properties::text FROM lightrag_graph_edges
WHERE workspace = {workspace} AND namespace = {namespace}
"""

Properties = dict[str, Any]


def nodes(
    connection: psycopg.Connection[Any], workspace: str
) -> Iterator[tuple[str, Properties]]:
    """Iterate over (name, properties) of each entity; empty if there is no graph."""
    for name, _, data in _read(connection, workspace, AGE_NODES, TABLE_NODES):
        yield name or data.get("entity_id", ""), data


def edges(
    connection: psycopg.Connection[Any], workspace: str
) -> Iterator[tuple[str, str, Properties]]:
    """Iterate over (source, target, properties) of each relation."""
    yield from _read(connection, workspace, AGE_EDGES, TABLE_EDGES)


def graph_name(workspace: str) -> str:
    """Return LightRAG's name for the AGE graph of a workspace.

    The graph of the unnamed workspace has no prefix.
    """
    if workspace in ("", "default"):
        return NAMESPACE
    return f"{re.sub(r'[^a-zA-Z0-9_]', '_', workspace)}_{NAMESPACE}"


def _read(
    connection: psycopg.Connection[Any], workspace: str, age_sql: str, table_sql: str
) -> Iterator[tuple[str, str, Properties]]:
    """Iterate over the rows of the AGE graph if it exists, else of the plain tables.

    Only newer versions of LightRAG have the plain tables.
    """
    graph = graph_name(workspace)
    statement = age_sql if _exists(connection, f"{graph}.base") else table_sql
    if statement is table_sql and not _exists(connection, "lightrag_graph_nodes"):
        return
    composed = sql.SQL(statement).format(
        graph=sql.Identifier(graph),
        workspace=sql.Literal(workspace or "default"),
        namespace=sql.Literal(NAMESPACE),
    )
    with connection.cursor(name="graph") as cursor:
        cursor.itersize = ROWS_PER_FETCH
        cursor.execute(composed)
        for first, second, properties in cursor:
            yield first, second, json.loads(properties)


def _exists(connection: psycopg.Connection[Any], table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
        row = cursor.fetchone()
        return bool(row and row[0])
