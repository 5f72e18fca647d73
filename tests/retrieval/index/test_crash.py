"""Test that words are found at once after PostgreSQL was killed."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import psutil
import psycopg
import pytest

from graph.management.commands.dump_schema import SCHEMA
from lightrag_site import paths
from lightrag_site.paths import DataPaths
from lightrag_site.running import embedded_postgres
from lightrag_site.running.processes import stop
from retrieval.index import bm25

MIGRATIONS = Path(SCHEMA).parent / "sql"
FUNCTION = re.compile(r"^CREATE OR REPLACE FUNCTION .*?\$function\$;$", re.M | re.S)
NEEDED = re.compile(
    "set_terms|make_search_|count_words|lightrag_words|candidates|frequency|_bm25"
)
TABLE = re.compile(r"^CREATE TABLE search_\w+ \(.*?\)[^)]*;$", re.M | re.S)

FILL = """
INSERT INTO search_chunk (index_id, chunk_id, vector, lexical, text_hash)
SELECT 1, n, '[1,2,3]', 'radium glows word' || n, ''
FROM generate_series(%s::int, %s::int) n
"""

Connection = psycopg.Connection[tuple[int, ...]]


@pytest.fixture
def data_paths() -> Iterator[DataPaths]:
    with tempfile.TemporaryDirectory(prefix="lightrag-crash-") as name:
        Path(name).chmod(0o755)  # PostgreSQL is another user when we are root
        yield paths.of(Path(name))


def connect(data_paths: DataPaths) -> Connection:
    return psycopg.connect(
        host=str(data_paths.postgres_socket_dir), user="postgres", autocommit=True
    )


def make_tables(connection: Connection) -> None:
    """Create the search tables of one index, as the migrations do."""
    connection.execute("CREATE EXTENSION vector")
    for name in ("0021_search_indexes.sql", "0024_own_bm25.sql"):
        for statement in TABLE.findall((MIGRATIONS / name).read_text()):
            connection.execute(statement)
    for function in FUNCTION.findall(SCHEMA.read_text()):
        if NEEDED.search(function.partition("(")[0]):
            connection.execute(function)
    connection.execute(
        "CREATE TRIGGER lightrag_set_terms BEFORE INSERT ON search_chunk"
        " FOR EACH ROW EXECUTE FUNCTION lightrag_set_terms()"
    )
    connection.execute("SELECT lightrag_make_search_table('chunk', 1)")
    connection.execute(
        "SELECT lightrag_make_search_indexes('chunk', 'search_chunk_1', 3)"
    )
    connection.execute(FILL, [1, 100])
    connection.execute("ANALYZE search_chunk_1")
    connection.execute("SELECT lightrag_count_words('chunk', 1)")


def insert_until_killed(data_paths: DataPaths) -> None:
    """Insert batches of ten rows, one transaction each."""
    first = 101
    try:
        with connect(data_paths) as connection:
            while True:
                connection.execute(FILL, [first, first + 9])
                first += 10
    except psycopg.OperationalError:
        pass


def kill(data_paths: DataPaths) -> None:
    """Kill all processes of the server, as the kernel does if memory is exhausted."""
    pid_file = data_paths.postgres_data / "postmaster.pid"
    server = psutil.Process(int(pid_file.read_text().split("\n", 1)[0]))
    processes = [server, *server.children(recursive=True)]
    for process in processes:
        process.kill()
    psutil.wait_procs(processes, timeout=30)
    pid_file.unlink()


def found(connection: Connection, words: str) -> list[int]:
    query = bm25.ranking("chunk", 1, psycopg.sql.Literal(words), wanted=1_000_000)
    return sorted(row[0] for row in connection.execute(query).fetchall())


def test_rows_are_found_at_once_after_a_kill_during_inserts(
    data_paths: DataPaths,
) -> None:
    child = embedded_postgres.start(data_paths)
    try:
        with connect(data_paths) as connection:
            make_tables(connection)
        for _ in range(2):
            writer = Thread(target=insert_until_killed, args=(data_paths,))
            with connect(data_paths) as connection:
                connection.execute("DELETE FROM search_chunk WHERE chunk_id > 100")
            writer.start()
            time.sleep(1)
            kill(data_paths)
            stop([child])
            writer.join()
            child = embedded_postgres.start(data_paths)
            with connect(data_paths) as connection:
                ids = connection.execute(
                    "SELECT chunk_id FROM search_chunk ORDER BY chunk_id"
                ).fetchall()
                assert len(ids) > 100
                assert found(connection, "radium") == [row[0] for row in ids]
                last = ids[-1][0]
                assert found(connection, f"word{last}") == [last]
    finally:
        stop([child])
