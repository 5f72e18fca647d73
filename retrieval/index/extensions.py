"""PostgreSQL extensions that the tables use, created before the first table."""

from __future__ import annotations

from django.db import connection

REQUIRED = "vector"
OPTIONAL = "age"


def ensure() -> None:
    """Create the extensions that the server offers.

    A preloaded AGE 1.5 makes each `DROP COLUMN` fail in a database without the
    extension, so it must exist before the migrations run.

    Raises:
        DatabaseError: The database user may not create extensions.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {REQUIRED}")
        cursor.execute(
            "SELECT FROM pg_available_extensions WHERE name = %s", [OPTIONAL]
        )
        if cursor.fetchone() is not None:
            cursor.execute(f"CREATE EXTENSION IF NOT EXISTS {OPTIONAL}")
