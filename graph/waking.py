"""Words in BM25 indexes, found again after PostgreSQL was started (`sql/waking.sql`)."""

from __future__ import annotations

from django.db import connection


def wake() -> bool:
    """Have the indexes read what they hold; whether that was needed.

    One cheap statement where PostgreSQL has not been started since the last call.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT lightrag_wake_words()")
        (done,) = cursor.fetchone()
        return bool(done)
