"""Rows out of the database, as plain tuples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection
from psycopg import sql


def read(statement: str | sql.Composed, values: Mapping[str, Any]) -> list[Any]:
    """All rows of one statement; who reads them knows their columns."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found: list[Any] = cursor.fetchall()
        return found
