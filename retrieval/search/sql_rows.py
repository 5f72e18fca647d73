"""Rows out of the database, as plain tuples."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import connection
from psycopg import sql


def read(statement: str | sql.Composed, values: Mapping[str, Any]) -> list[Any]:
    """All rows of one statement; who reads them knows their columns."""
    with connection.cursor() as cursor:
        cursor.execute(statement, {key: _quick(value) for key, value in values.items()})
        found: list[Any] = cursor.fetchall()
        return found


def _quick(value: Any) -> Any:
    """Ids as PostgreSQL writes an array: psycopg would quote each of them."""
    if isinstance(value, list) and value and isinstance(value[0], int):
        return "{" + ",".join(map(str, value)) + "}"
    return value
