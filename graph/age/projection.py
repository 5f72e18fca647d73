"""Installation of the projection: the triggers that copy the graph's tables to AGE.

The migrations install it if AGE exists when they run. `install` does it for a database
that got AGE later.
"""

from __future__ import annotations

from pathlib import Path

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

import graph
from graph.age import consistency

SQL_FILE = Path(graph.__file__).parent / "migrations" / "sql" / "0002_projection.sql"
"""The only file that defines functions and triggers of the projection.

A migration that changes one of them must change this file too, with `CREATE OR REPLACE`.
"""

# The last migration that the graphs need creates `lightrag_index_label`.
_IS_MISSING = """
SELECT EXISTS (SELECT FROM pg_extension WHERE extname = 'age')
    AND to_regproc('lightrag_index_label') IS NOT NULL
    AND (to_regproc('lightrag_vertex_id') IS NULL OR (
        SELECT count(*) FROM pg_trigger
        WHERE tgname LIKE 'lightrag\\_entities\\_%' OR tgname LIKE 'lightrag\\_relations\\_%'
    ) < 6)
"""

# Locks workspaces in the order of docs/lock-order.md, before CREATE TRIGGER locks tables.
_WITH_GRAPH = """
SELECT w.id FROM documents_workspace w
JOIN ag_catalog.ag_graph g ON g.name = ('workspace_' || w.id)::name
ORDER BY w.id FOR NO KEY UPDATE OF w
"""


def install() -> bool:
    """Install the projection if it is missing; return whether it was.

    Graphs are created when they are first used. Those that exist, in a restored database,
    are filled again. Writers of any graph wait until it is installed.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        if not is_missing(cursor):
            return False
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('lightrag.workspaces'))")
        cursor.execute(_WITH_GRAPH)
        workspaces = cursor.fetchall()
        cursor.execute(SQL_FILE.read_text())
        for (workspace_id,) in workspaces:
            consistency.repair(workspace_id)
    return True


def is_missing(cursor: CursorWrapper) -> bool:
    """Return whether AGE and the tables exist, but not the triggers between them."""
    cursor.execute(_IS_MISSING)
    return bool(cursor.fetchone() == (True,))
