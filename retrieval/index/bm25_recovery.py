"""Words in BM25 indexes, found again after PostgreSQL was started (`sql/waking.sql`)."""

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
    """Django's or psycopg's; each statement is a transaction of its own."""

    def execute(self, query: str, params: Any = None, /) -> Any: ...
    def fetchone(self) -> Any: ...
    def fetchall(self) -> Any: ...


def wake() -> bool:
    """Have the indexes read what they hold; whether that was needed, and is done here.

    One cheap statement where PostgreSQL has not been started since the last call.
    """
    with connection.cursor() as cursor:
        return wake_by(cursor)


def wake_by(cursor: Cursor) -> bool:
    """The same, by a cursor that commits each statement."""
    cursor.execute("SELECT lightrag_asleep()")
    (why,) = cursor.fetchone()
    if not why:
        return False
    with alone(cursor) as mine:
        if mine:
            cursor.execute(INDEXES)
            for (index,) in cursor.fetchall():
                cursor.execute(
                    "SELECT lightrag_wake_words(%s, %s)", [index, why == "crashed"]
                )
            cursor.execute("SELECT lightrag_words_are_awake()")
        return mine


@contextmanager
def alone(cursor: Cursor) -> Iterator[bool]:
    """Whether nobody else is waking them."""
    cursor.execute("SELECT pg_try_advisory_lock(hashtext('lightrag.waking'))")
    (mine,) = cursor.fetchone()
    try:
        yield bool(mine)
    finally:
        if mine:
            cursor.execute("SELECT pg_advisory_unlock(hashtext('lightrag.waking'))")
