"""LightRAG's graph in PostgreSQL, in Apache AGE or in plain tables."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import psycopg
from psycopg import sql

NAMESPACE = "chunk_entity_relation"
AT_ONCE = 1000

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
    """(name, properties) of each entity; none where no graph is found."""
    for name, _, data in _read(connection, workspace, AGE_NODES, TABLE_NODES):
        yield name or data.get("entity_id", ""), data


def edges(
    connection: psycopg.Connection[Any], workspace: str
) -> Iterator[tuple[str, str, Properties]]:
    """(one end, other end, properties) of each relation."""
    yield from _read(connection, workspace, AGE_EDGES, TABLE_EDGES)


def graph_name(workspace: str) -> str:
    """LightRAG's name of a workspace's graph in AGE: unnamed ones have no prefix."""
    if workspace in ("", "default"):
        return NAMESPACE
    return f"{re.sub(r'[^a-zA-Z0-9_]', '_', workspace)}_{NAMESPACE}"


def _read(
    connection: psycopg.Connection[Any], workspace: str, in_age: str, in_tables: str
) -> Iterator[tuple[str, str, Properties]]:
    """Row by row from whichever of the two is there; AGE first, as it is the older."""
    graph = graph_name(workspace)
    statement = in_age if _exists(connection, f"{graph}.base") else in_tables
    if statement is in_tables and not _exists(connection, "lightrag_graph_nodes"):
        return
    composed = sql.SQL(statement).format(
        graph=sql.Identifier(graph),
        workspace=sql.Literal(workspace or "default"),
        namespace=sql.Literal(NAMESPACE),
    )
    with connection.cursor(name="graph") as cursor:
        cursor.itersize = AT_ONCE
        cursor.execute(composed)
        for first, second, properties in cursor:
            yield first, second, json.loads(properties)


def _exists(connection: psycopg.Connection[Any], table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass(%s) IS NOT NULL", [table])
        found = cursor.fetchone()
        return bool(found and found[0])
