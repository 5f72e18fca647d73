"""Export of a workspace's graph to a file, in constant memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from django.db import connection, transaction

from graph.interchange.formats import Format
from graph.interchange.rows import Edge, Node

BATCH_SIZE = 2000

NODES = """
SELECT e.name, e.entity_type, e.description, ARRAY(
    SELECT a.name FROM graph_entityalias a
    WHERE a.entity_id = e.id ORDER BY a.name COLLATE "C")
FROM graph_entity e WHERE e.workspace_id = %s
ORDER BY e.name COLLATE "C"
"""

# The order of ids is arbitrary, so ends are ordered by name.
EDGES = """
SELECT least(a.name COLLATE "C", b.name), greatest(a.name COLLATE "C", b.name),
    r.description, r.keywords, r.weight
FROM graph_relation r
JOIN graph_entity a ON a.id = r.source_id
JOIN graph_entity b ON b.id = r.target_id
WHERE r.workspace_id = %s
ORDER BY 1, 2
"""


def export(workspace_id: int, file_format: Format, file: BinaryIO) -> None:
    """Write a consistent snapshot of the graph."""
    with snapshot():
        file_format.write(file, nodes(workspace_id), edges(workspace_id))


@contextmanager
def snapshot() -> Iterator[None]:
    """Run the statements inside on one snapshot of the tables."""
    outermost = not connection.in_atomic_block
    with transaction.atomic():
        if outermost:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY"
                )
        yield


def nodes(workspace_id: int) -> Iterator[Node]:
    """Yield the nodes by name."""
    for name, kind, description, aliases in rows(NODES, workspace_id):
        yield Node("", name, kind, description, tuple(aliases))


def edges(workspace_id: int) -> Iterator[Edge]:
    """Return the edges by the names of their ends."""
    return (Edge("", *row) for row in rows(EDGES, workspace_id))


def rows(statement: str, workspace_id: int) -> Iterator[Any]:
    """Yield rows from a server-side cursor."""
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, [workspace_id])
        while batch := cursor.fetchmany(BATCH_SIZE):
            yield from batch
