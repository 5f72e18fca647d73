"""The tables that a backup holds: their rows, counted and summed up, out and in.

Apache AGE's graphs, the search partitions and all indexes are not among them: they are
made by triggers when the rows come back, so a backup fits every PostgreSQL that we run
on, whatever its version and whether it has AGE or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, transaction
from psycopg import sql

SEARCH = ("search_chunk", "search_entity", "search_relation")
WORKSPACES = "documents_workspace"
MADE_BY_MIGRATE = "django_migrations"
DROP_OWN_TABLES = """
DO $$
DECLARE workspace bigint;
BEGIN
    FOR workspace IN SELECT id FROM documents_workspace LOOP
        EXECUTE format('DROP TABLE IF EXISTS %I, %I, %I', 'search_chunk_' || workspace,
                       'search_entity_' || workspace, 'search_relation_' || workspace);
        PERFORM lightrag_drop_graph('workspace_' || workspace);
    END LOOP;
END $$
"""


@dataclass(frozen=True, slots=True)
class TableSum:
    """How many rows a table has, and the sum of their hashes: the order says nothing."""

    rows: int
    checksum: str


@contextmanager
def one_moment() -> Iterator[None]:
    """All reads inside see the same moment, whatever is written meanwhile.

    Inside a transaction of the caller's, that one's view holds.
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        execute(sql.SQL("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        yield


def names() -> list[str]:
    """Every table, in the order in which they are filled: search rows last."""
    known = connection.introspection.django_table_names(
        only_existing=True, include_views=False
    )
    others = sorted(set(known) - {WORKSPACES, MADE_BY_MIGRATE})
    return [WORKSPACES, *others, *SEARCH]


def migrations() -> list[list[str]]:
    """The applied ones: rows fit only the tables of the same migrations."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
        return [list(row) for row in cursor.fetchall()]


def columns(table: str) -> list[str]:
    with connection.cursor() as cursor:
        found = connection.introspection.get_table_description(cursor, table)
    return [column.name for column in found]


def total(table: str) -> TableSum:
    """Reads the whole table. MD5, for it is the same on every version of PostgreSQL."""
    query = sql.SQL(
        "SELECT count(*), coalesce(sum(('x' || left(md5(r::text), 15))::bit(60)::bigint),"
        " 0)::text FROM (SELECT {columns} FROM {table}) AS r"
    ).format(columns=identifiers(columns(table)), table=sql.Identifier(table))
    with connection.cursor() as cursor:
        cursor.execute(query)
        rows, checksum = cursor.fetchone()
    return TableSum(rows, checksum)


def totals(tables: Sequence[str]) -> dict[str, TableSum]:
    return {table: total(table) for table in tables}


def copy_out(table: str, file: IO[bytes]) -> None:
    """The rows in PostgreSQL's binary form."""
    query = sql.SQL("COPY (SELECT {columns} FROM {table}) TO STDOUT (FORMAT binary)")
    with connection.cursor() as cursor:
        filled = query.format(
            columns=identifiers(columns(table)), table=sql.Identifier(table)
        )
        with cursor.copy(filled) as copy:
            for data in copy:
                file.write(data)


def copy_in(table: str, table_columns: Sequence[str], file: IO[bytes]) -> None:
    """Add the rows that `copy_out` wrote."""
    query = sql.SQL("COPY {table} ({columns}) FROM STDIN (FORMAT binary)").format(
        columns=identifiers(table_columns), table=sql.Identifier(table)
    )
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        while data := file.read(1 << 16):
            copy.write(data)


def empty(tables: Sequence[str]) -> None:
    """Leave no row; graphs and search partitions are dropped with their workspaces.

    TRUNCATE fires no row triggers, so each workspace's own tables are dropped first.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(DROP_OWN_TABLES)
        cursor.execute(sql.SQL("TRUNCATE {}").format(identifiers(tables)))
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def reset_sequences() -> None:
    """The next row of each table gets a number that none has."""
    models = apps.get_models(include_auto_created=True)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def identifiers(found: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, found))


def execute(statement: sql.Composable) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def differing(
    wanted: Mapping[str, TableSum], found: Mapping[str, TableSum]
) -> list[str]:
    """Tables whose rows are not the same."""
    return [table for table in wanted if found.get(table) != wanted[table]]
