"""The tables of a backup: order, checksums, export and import.

AGE graphs, search partitions and indexes are not included: the restore creates partitions
and indexes, and the first Cypher query creates a graph. Therefore a backup can be restored
on every supported PostgreSQL.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Protocol

from django.db import connection, transaction
from psycopg import sql

from retrieval.index import tables as search_tables

SEARCH = ("search_chunk", "search_entity", "search_relation")
WORKSPACES = "documents_workspace"
OWN_INDEXES = """
SELECT search_index, embedding_dimensions FROM documents_workspace WHERE search_index > 0
UNION ALL
SELECT id, greatest(embedding_dimensions, 1) FROM retrieval_searchindex WHERE id > 0
"""
RESET_SEARCH_INDEX = """
SELECT setval('search_index_id', 1 + greatest(
    (SELECT coalesce(max(abs(search_index)), 0) FROM documents_workspace),
    (SELECT coalesce(max(abs(id)), 0) FROM retrieval_searchindex)))
"""
RESET_SEQUENCES = """
DO $$
DECLARE identity record;
BEGIN
    FOR identity IN SELECT table_name, column_name FROM information_schema.columns
        WHERE table_schema = current_schema() AND is_identity = 'YES'
    LOOP
        EXECUTE format(
            'SELECT setval(pg_get_serial_sequence(%L, %L), coalesce(max(%I), 1),'
            ' max(%I) IS NOT NULL) FROM %I',
            quote_ident(identity.table_name), identity.column_name,
            identity.column_name, identity.column_name, identity.table_name);
    END LOOP;
END $$
"""
MIGRATIONS_TABLE = "django_migrations"
DROP_GRAPHS_AND_PARTITIONS = """
DO $$
DECLARE object_name text;
BEGIN
    FOR object_name IN SELECT relname FROM pg_class
        WHERE relname ~ '^search_(chunk|entity|relation)_[0-9]+$' AND relispartition
    LOOP
        EXECUTE format('DROP TABLE %I', object_name);
    END LOOP;
    IF lightrag_has('age') THEN
        FOR object_name IN SELECT name FROM ag_catalog.ag_graph WHERE name ~ '^workspace_[0-9]+$'
        LOOP
            PERFORM lightrag_drop_graph(object_name);
        END LOOP;
    END IF;
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

    A transaction that is already open is used as it is.
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
    """Delete all rows, graphs and search partitions."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(DROP_GRAPHS_AND_PARTITIONS)
        cursor.execute(sql.SQL("TRUNCATE {}").format(identifiers(tables)))
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def make_partitions() -> None:
    """Create the partitions of the search indexes that have their own."""
    for index, _ in own_indexes():
        search_tables.make(index)


def make_search_indexes() -> None:
    """Build the search indexes of these partitions."""
    for index, dimensions in own_indexes():
        search_tables.make_search_indexes(index, dimensions)


def own_indexes() -> list[tuple[int, int]]:
    """Return ids and dimensions; none if the tables are those before migration 0021."""
    if "search_index" not in columns(WORKSPACES):
        return []
    with connection.cursor() as cursor:
        cursor.execute(OWN_INDEXES)
        return list(cursor.fetchall())


def reset_sequences() -> None:
    """Set each sequence to a number that no row uses.

    The tables are looked up in the database: those of an older backup may have other
    names than the models.
    """
    with connection.cursor() as cursor:
        cursor.execute(RESET_SEQUENCES)
        if "search_index" in columns(WORKSPACES):
            cursor.execute(RESET_SEARCH_INDEX)


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


class Writer(Protocol):
    """The output of a Django command."""

    def write(self, msg: str) -> object: ...


def show_report(
    out: Writer, expected: Mapping[str, TableSum], actual: Mapping[str, TableSum]
) -> None:
    """Print rows and checksum of each table, and whether they are as expected."""
    for table, total in expected.items():
        mark = "" if actual.get(table) == total else "  DIFFERS"
        out.write(f"{table:<32} {total.rows:>9}  {total.checksum:>26}{mark}")
