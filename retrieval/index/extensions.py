"""PostgreSQL's extensions that we use, made before the first table."""

from __future__ import annotations

from django.db import connection

NEEDED = "vector"
OPTIONAL = ("age", "pg_textsearch")


def ensure() -> None:
    """Make those that the server has.

    AGE 1.5, preloaded in a database that lacks it, fails each `DROP COLUMN` there, so
    migrations must find it made. Raises DatabaseError where the user may not.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {NEEDED}")
        cursor.execute(
            "SELECT name FROM pg_available_extensions WHERE name = ANY(%s)",
            [list(OPTIONAL)],
        )
        for (name,) in cursor.fetchall():
            cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {name}")
