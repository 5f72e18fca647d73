"""Read-only Cypher on a workspace's graph in Apache AGE.

A query can only read this graph: its tokens are checked (`cypher_guard`), and it runs in a
read-only transaction, which is rolled back, with limits of time and rows.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import psycopg
from django.db import connection, transaction
from psycopg import errors, sql

from graph.age import agtype, cypher_guard
from graph.age.cypher_guard import CheckedQuery
from graph.age.errors import CypherTimeout, CypherUnavailable, InvalidCypher

DEFAULT_ROWS = 1000
DEFAULT_TIMEOUT_MS = 10_000
MAX_RESULT_CHARS = 20_000_000
INSUFFICIENT_RESOURCES = "53"
"""Class of SQLSTATEs for a full disk or memory, which is not an error of the query."""

# Without containment, `{entity_id: 'x'}` uses the same index as a WHERE.
_SETTINGS = """
SET LOCAL transaction_read_only = on;
SET LOCAL search_path = ag_catalog;
SET LOCAL age.enable_containment = off;
SET LOCAL statement_timeout = {timeout}
"""
_QUERY = """
SELECT * FROM ag_catalog.cypher({graph}, {query}, {params}) AS ({columns}) LIMIT {limit}
"""


@dataclass(frozen=True, slots=True)
class CypherResult:
    """Rows of values, lists, dicts and apache-age-python's Vertex, Edge and Path.

    `is_truncated` if there are more rows than the limit.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]
    is_truncated: bool = False


def run(
    workspace_id: int,
    query: str,
    params: Mapping[str, Any] | None = None,
    *,
    limit: int = DEFAULT_ROWS,
    timeout_ms: int = DEFAULT_TIMEOUT_MS,
) -> CypherResult:
    """Run `query` with the parameters `params` and return its rows.

    Raises `InvalidCypher`, `CypherTimeout` and `CypherUnavailable`.
    """
    checked = cypher_guard.check(query)
    statement = _statement(f"workspace_{workspace_id}", checked, limit + 1)
    rows = _rows(statement, json.dumps(params or {}), timeout_ms)
    if sum(len(value or "") for row in rows for value in row) > MAX_RESULT_CHARS:
        message = f"The result is longer than {MAX_RESULT_CHARS} characters."
        raise InvalidCypher(message)
    read = tuple(tuple(agtype.read(value) for value in row) for row in rows[:limit])
    return CypherResult(checked.columns, read, len(rows) > limit)


def _statement(graph: str, checked: CheckedQuery, limit: int) -> sql.Composed:
    columns = (f"c{number} ag_catalog.agtype" for number in range(len(checked.columns)))
    return sql.SQL(_QUERY).format(
        graph=sql.Literal(graph),
        query=_dollar_quoted(checked.text),
        params=sql.Placeholder(),
        columns=sql.SQL(", ".join(columns)),
        limit=sql.Literal(limit),
    )


def _dollar_quoted(query: str) -> sql.SQL:
    """Return the query as a dollar-quoted constant, which AGE requires.

    The tag is random, so a query can't contain it.
    """
    tag = f"$cypher_{secrets.token_hex(16)}$"
    if tag in query:
        raise InvalidCypher
    # psycopg would read Cypher's modulo as a placeholder.
    text = f"{tag} {query} {tag}".replace("%", "%%")
    return sql.SQL(text)


def _rows(
    statement: sql.Composed, params: str, timeout_ms: int
) -> Sequence[tuple[str | None, ...]]:
    try:
        with transaction.atomic():
            _load_age()
            settings = _SETTINGS.format(timeout=int(timeout_ms))
            # AGE requires a server-side parameter; Django binds in the client.
            with psycopg.Cursor(connection.connection) as cursor:
                cursor.execute(settings)
                rows = cursor.execute(statement, [params], prepare=False).fetchall()
            transaction.set_rollback(True)
            return rows
    except errors.QueryCanceled as error:
        raise CypherTimeout from error
    except errors.ReadOnlySqlTransaction as error:
        raise InvalidCypher("Queries are read-only.") from error
    except psycopg.Error as error:
        if (error.diag.sqlstate or INSUFFICIENT_RESOURCES).startswith(
            INSUFFICIENT_RESOURCES
        ):
            raise
        raise InvalidCypher(error.diag.message_primary or str(error)) from error


def _load_age() -> None:
    """Load AGE if the server does not load it for every session."""
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute("SELECT current_setting('age.enable_containment', true)")
        if cursor.fetchone() != (None,):
            return
        try:
            cursor.execute("LOAD 'age'")
        except psycopg.Error as error:
            raise CypherUnavailable(
                f"Apache AGE can't be loaded: {error.diag.message_primary}. Install it, "
                "or add it to session_preload_libraries."
            ) from error
