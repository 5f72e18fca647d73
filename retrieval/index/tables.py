"""The tables that hold search indexes.

An index with a negative id is in the shared tables; all its rows are compared with a
question. An index with a positive id has partitions `search_<kind>_<id>` of its own, with
approximate vector indexes and indexes of words (graph/migrations/sql/0024_own_bm25.sql).
"""

from __future__ import annotations

from typing import Literal, get_args

from django.db import connection, transaction
from psycopg import sql

Kind = Literal["chunk", "entity", "relation"]
KINDS: tuple[Kind, ...] = get_args(Kind)

COLUMNS: dict[Kind, tuple[str, ...]] = {
    "chunk": ("vector", "lexical", "text_hash"),
    "entity": ("vector", "lexical", "text_hash", "name_key"),
    "relation": ("vector", "text_hash"),
}
"""The columns of a row besides its two ids. Triggers set the other columns."""

SHARED_ROWS = "(SELECT * FROM {table} WHERE index_id = {index})"
DELETE_SHARED = """
DELETE FROM {table} WHERE index_id = %s AND {id} IN (
    SELECT {id} FROM {table} WHERE index_id = %s LIMIT %s)
"""

# One worker at a time. `reltuples` is updated by autovacuum.
RECOUNT_WORDS = """
SELECT lightrag_count_words(kind, index_id)
FROM search_statistics s JOIN pg_class c ON c.relname = format('search_%s_%s', kind, index_id)
WHERE c.reltuples > 1.5 * s.rows
    AND pg_try_advisory_xact_lock(hashtext('lightrag.words'), hashint8(index_id))
"""


def is_shared(index_id: int) -> bool:
    """Return whether the rows of the index are in the shared tables."""
    return index_id < 0


def index_of(workspace_id: int) -> int:
    """Return the id of the workspace's search index; 0 if the workspace was deleted.

    No index has the id 0. Writers call it in the transaction that locks the workspace's row.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT search_index FROM documents_workspace WHERE id = %s", [workspace_id]
        )
        row = cursor.fetchone()
        return int(row[0]) if row else 0


def new_id(*, shared: bool) -> int:
    """Return the id of a new index."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('search_index_id')")
        (number,) = cursor.fetchone()
        return -number if shared else int(number)


def table(kind: Kind, index_id: int) -> str:
    """Return the name of the partition that holds the rows of the index."""
    return f"search_{kind}_{'shared' if is_shared(index_id) else index_id}"


def rows(kind: Kind, index_id: int) -> sql.Composable:
    """Return the FROM item that reads the rows of the index."""
    name = sql.Identifier(table(kind, index_id))
    if not is_shared(index_id):
        return name
    return sql.SQL(SHARED_ROWS).format(table=name, index=sql.Literal(index_id))


def make(index_id: int) -> None:
    """Create the partitions of the index without search indexes, unless it shares tables."""
    if not is_shared(index_id):
        with connection.cursor() as cursor:
            for kind in KINDS:
                cursor.execute(
                    "SELECT lightrag_make_search_table(%s, %s)", [kind, index_id]
                )


def make_search_indexes(index_id: int, dimensions: int) -> None:
    """Build missing search indexes of the index's own partitions, and count their words."""
    if is_shared(index_id):
        return
    with connection.cursor() as cursor:
        for kind in KINDS:
            name = table(kind, index_id)
            cursor.execute(
                "SELECT lightrag_make_search_indexes(%s, %s, %s)",
                [kind, name, dimensions],
            )
            cursor.execute(f"ANALYZE {name}")
            if kind != "relation":
                cursor.execute("SELECT lightrag_count_words(%s, %s)", [kind, index_id])


def recount_words() -> None:
    """Replace the statistics of words of the tables that have grown by half since."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(RECOUNT_WORDS)


def drop(index_id: int) -> None:
    """Drop the partitions of the index. Locks the parent tables for a moment."""
    names = ", ".join(table(kind, index_id) for kind in KINDS)
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TABLE IF EXISTS {names}")
        cursor.execute("DELETE FROM search_statistics WHERE index_id = %s", [index_id])
        cursor.execute("DELETE FROM search_word WHERE index_id = %s", [index_id])


def delete_shared(index_id: int, limit: int) -> int:
    """Delete up to `limit` rows of each kind of an index in the shared tables."""
    deleted = 0
    with connection.cursor() as cursor:
        for kind in KINDS:
            statement = sql.SQL(DELETE_SHARED).format(
                table=sql.Identifier(table(kind, index_id)),
                id=sql.Identifier(f"{kind}_id"),
            )
            cursor.execute(statement, [index_id, index_id, limit])
            deleted += cursor.rowcount
    return deleted
