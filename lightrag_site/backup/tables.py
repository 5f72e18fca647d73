"""The tables of a backup: order, checksums, export and import.

AGE graphs, search partitions and indexes are not included: triggers create them when the
rows are inserted. Therefore a backup can be restored on every supported PostgreSQL.
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
MIGRATIONS_TABLE = "django_migrations"
DROP_WORKSPACE_TABLES = """
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
    """Number of rows, and the sum of their hashes, which does not depend on the order."""

    rows: int
    checksum: str


@contextmanager
def snapshot() -> Iterator[None]:
    """Let all reads in the block see the same snapshot.

    Inside a transaction, its snapshot applies.
    """
    if connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        execute(sql.SQL("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        yield


def names() -> list[str]:
    """Return every table in the order of the restore, search rows last."""
    tables = connection.introspection.django_table_names(
        only_existing=True, include_views=False
    )
    others = sorted(set(tables) - {WORKSPACES, MIGRATIONS_TABLE})
    return [WORKSPACES, *others, *SEARCH]


def migrations() -> list[list[str]]:
    """Return the applied migrations, which must be equal for a restore."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT app, name FROM django_migrations ORDER BY app, name")
        return [list(row) for row in cursor.fetchall()]


def columns(table: str) -> list[str]:
    with connection.cursor() as cursor:
        description = connection.introspection.get_table_description(cursor, table)
    return [column.name for column in description]


def total(table: str) -> TableSum:
    """Compute the sum of a table; MD5 is the same in every version of PostgreSQL."""
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
    """Export the rows in PostgreSQL's binary format."""
    query = sql.SQL("COPY (SELECT {columns} FROM {table}) TO STDOUT (FORMAT binary)")
    with connection.cursor() as cursor:
        statement = query.format(
            columns=identifiers(columns(table)), table=sql.Identifier(table)
        )
        with cursor.copy(statement) as copy:
            for data in copy:
                file.write(data)


def copy_in(table: str, table_columns: Sequence[str], file: IO[bytes]) -> None:
    """Import rows that `copy_out` exported."""
    query = sql.SQL("COPY {table} ({columns}) FROM STDIN (FORMAT binary)").format(
        columns=identifiers(table_columns), table=sql.Identifier(table)
    )
    with connection.cursor() as cursor, cursor.copy(query) as copy:
        while data := file.read(1 << 16):
            copy.write(data)


def empty(tables: Sequence[str]) -> None:
    """Delete all rows, graphs and search partitions.

    TRUNCATE does not fire row triggers, so the tables of workspaces are dropped first.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(DROP_WORKSPACE_TABLES)
        cursor.execute(sql.SQL("TRUNCATE {}").format(identifiers(tables)))
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def reset_sequences() -> None:
    """Set each sequence to a number that no row uses."""
    models = apps.get_models(include_auto_created=True)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)


def identifiers(names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(map(sql.Identifier, names))


def execute(statement: sql.Composable) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


def differing(
    expected: Mapping[str, TableSum], actual: Mapping[str, TableSum]
) -> list[str]:
    """Return the tables with different sums."""
    return [table for table in expected if actual.get(table) != expected[table]]
