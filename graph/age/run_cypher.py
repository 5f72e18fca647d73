"""Read-only Cypher on a workspace's graph in Apache AGE.

A query can only read this graph: its tokens are checked (`cypher_guard`), and it runs in a
session with few rights (`cypher_session`). Rows are read one by one until a limit of rows
or bytes is reached; a row above the limit of bytes does not leave the database.
"""

from __future__ import annotations

import json
import secrets
import time
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, cast

import psycopg
from psycopg import errors, sql

from graph.age import agtype, consistency, cypher_guard, cypher_session
from graph.age.cypher_guard import CheckedQuery
from graph.age.errors import CypherTimeout, InvalidCypher

DEFAULT_ROWS = 1000
DEFAULT_TIMEOUT_MS = 10_000
MAX_RESULT_BYTES = 4_000_000
"""Upper bound on the text of a result. Its Python objects may need 50 times as much."""
MEMORY_ERRORS = ("53200", "53400")
"""SQLSTATEs of a query that exceeds the limits of memory and temporary files."""
INSUFFICIENT_RESOURCES = "53"
"""Class of SQLSTATEs for a full disk or memory, which is not an error of the query."""

_QUERY = """
SELECT s.size, CASE WHEN s.size <= {max_bytes} THEN r.cells END
FROM (
    SELECT ARRAY[{cells}] AS cells
    FROM ag_catalog.cypher({graph}, {query}, {params}) AS ({columns}) LIMIT {limit}
) AS r, LATERAL (
    SELECT coalesce(sum(octet_length(cell)), 0) AS size FROM unnest(r.cells) AS cell
) AS s
"""
Row = Sequence[str | None]


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

    Raises `InvalidCypher`, `CypherTimeout`, `CypherBusy` and `CypherUnavailable`.
    """
    checked = cypher_guard.check(query)
    consistency.ensure(workspace_id)
    graph = f"workspace_{workspace_id}"
    statement = _statement(graph, checked, limit + 1)
    rows = _rows(graph, statement, json.dumps(params or {}), timeout_ms)
    read = tuple(tuple(agtype.read(value) for value in row) for row in rows[:limit])
    return CypherResult(checked.columns, read, len(rows) > limit)


def _statement(graph: str, checked: CheckedQuery, limit: int) -> sql.Composed:
    names = [f"c{number}" for number in range(len(checked.columns))]
    return sql.SQL(_QUERY).format(
        max_bytes=sql.Literal(MAX_RESULT_BYTES),
        # A cast to text would remove the quotes of strings.
        cells=sql.SQL(", ".join(f"agtype_out({name})::text" for name in names)),
        graph=sql.Literal(graph),
        query=_dollar_quoted(checked.text),
        params=sql.Placeholder(),
        columns=sql.SQL(", ".join(f"{name} ag_catalog.agtype" for name in names)),
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
    graph: str, statement: sql.Composed, params: str, timeout_ms: int
) -> Sequence[Row]:
    started = time.monotonic()
    try:
        with (
            cypher_session.open_session(graph, timeout_ms) as session,
            # AGE requires a server-side parameter; Django binds in the client.
            psycopg.Cursor(session) as cursor,
        ):
            return list(_within_limit(cursor.stream(statement, [params])))
    except errors.QueryCanceled as error:
        raise CypherTimeout from error
    except errors.ReadOnlySqlTransaction as error:
        raise InvalidCypher("Queries are read-only.") from error
    except psycopg.Error as error:
        if time.monotonic() - started > timeout_ms / 1000:
            raise CypherTimeout from error  # its process was terminated
        raise _query_error(error) from error


def _within_limit(rows: Iterator[tuple[Any, ...]]) -> Iterator[Row]:
    """Yield the rows; raise InvalidCypher if their text is too long.

    psycopg cancels the query when the generator `rows` is closed.
    """
    total = 0
    with closing(cast("Generator[tuple[Any, ...]]", rows)):
        for size, cells in rows:
            total += size
            if cells is None or total > MAX_RESULT_BYTES:
                raise InvalidCypher(
                    f"The result is longer than {MAX_RESULT_BYTES} bytes."
                )
            yield cells


def _query_error(error: psycopg.Error) -> Exception:
    state = error.diag.sqlstate or INSUFFICIENT_RESOURCES
    if state in MEMORY_ERRORS:
        return InvalidCypher(cypher_session.TOO_MUCH_MEMORY)
    if state.startswith(INSUFFICIENT_RESOURCES):
        return error
    return InvalidCypher(error.diag.message_primary or str(error))
