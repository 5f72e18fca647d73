"""Recovery of BM25 indexes after a start of PostgreSQL (docs/adr/0004-bm25-recovery.md)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from django.db import connection

INDEXES = """
SELECT i.indexrelid FROM pg_index i
JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am a ON a.oid = c.relam
WHERE a.amname = 'bm25' AND c.relkind = 'i'
ORDER BY i.indexrelid
"""


class Cursor(Protocol):
    """A cursor of Django or psycopg that commits each statement."""

    def execute(self, query: str, params: Any = None, /) -> Any: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> Any: ...


def recover() -> bool:
    """Make the indexes complete again; return whether this call had to do it.

    One cheap query if PostgreSQL has not been restarted since the last call.
    """
    with connection.cursor() as cursor:
        return recover_with(cursor)


def recover_with(cursor: Cursor) -> bool:
    """Do what `recover` does, on a cursor that commits each statement."""
    cursor.execute("SELECT lightrag_bm25_recovery_reason()")
    (reason,) = cursor.fetchone()
    if not reason:
        return False
    with try_lock(cursor) as is_locked:
        if is_locked:
            cursor.execute(INDEXES)
            for (index,) in cursor.fetchall():
                cursor.execute(
                    "SELECT lightrag_bm25_recover(%s, %s)", [index, reason == "crashed"]
                )
            cursor.execute("SELECT lightrag_bm25_mark_recovered()")
        return is_locked


@contextmanager
def try_lock(cursor: Cursor) -> Iterator[bool]:
    """Yield whether this session holds the lock, so that only one session recovers."""
    cursor.execute("SELECT pg_try_advisory_lock(hashtext('lightrag.bm25'))")
    (is_locked,) = cursor.fetchone()
    try:
        yield bool(is_locked)
    finally:
        if is_locked:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('lightrag.bm25'))")
