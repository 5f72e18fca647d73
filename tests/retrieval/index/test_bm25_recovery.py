"""Tests of BM25 indexes after a restart and after a crash of PostgreSQL."""

from __future__ import annotations

import os
import signal
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from lightrag_site import paths
from lightrag_site.paths import DataPaths
from lightrag_site.running import embedded_postgres
from lightrag_site.running.processes import Child, stop
from retrieval.index import bm25_recovery

SQL = Path(__file__).parents[3] / "graph" / "migrations" / "sql"
TABLES = """
CREATE EXTENSION pg_textsearch;
CREATE FUNCTION lightrag_has(extension text) RETURNS boolean LANGUAGE sql AS 'SELECT true';
CREATE TABLE search_chunk (workspace_id int, id int, lexical text NOT NULL)
    PARTITION BY LIST (workspace_id);
CREATE TABLE search_entity (LIKE search_chunk) PARTITION BY LIST (workspace_id);
CREATE TABLE search_chunk_1 PARTITION OF search_chunk FOR VALUES IN (1);
CREATE TABLE search_chunk_2 PARTITION OF search_chunk FOR VALUES IN (2);
CREATE INDEX search_chunk_1_bm25 ON search_chunk_1
    USING bm25 (lexical) WITH (text_config = 'simple');
CREATE INDEX search_chunk_2_bm25 ON search_chunk_2
    USING bm25 (lexical) WITH (text_config = 'simple');
INSERT INTO search_chunk SELECT 1, n, 'radium glows' FROM generate_series(1, 20) n;
"""
MATCHES = """
SELECT id FROM search_chunk_1
ORDER BY lexical <@> to_bm25query('radium', 'search_chunk_1_bm25') LIMIT 100
"""

Connection = psycopg.Connection[tuple[object, ...]]


@pytest.fixture
def here() -> Iterator[DataPaths]:
    with tempfile.TemporaryDirectory(prefix="lightrag-bm25-") as name:
        Path(name).chmod(0o755)  # PostgreSQL is another user when we are root
        yield paths.of(Path(name))


def connected(here: DataPaths) -> Connection:
    return psycopg.connect(
        host=str(here.postgres_socket_dir), user="postgres", autocommit=True
    )


def count_matches(connection: Connection) -> int:
    return len(connection.execute(MATCHES).fetchall())


def recovered(connection: Connection) -> bool:
    return bm25_recovery.recover_with(connection.cursor())


def filled(here: DataPaths) -> Child:
    child = embedded_postgres.start(here)
    with connected(here) as connection:
        connection.execute(TABLES)
        for name in ("0012_waking.sql", "0017_waking_apart.sql", "0019_bm25.sql"):
            connection.execute((SQL / name).read_text())
        recovered(connection)
        assert count_matches(connection) == 20
    return child


def test_rows_are_found_after_a_restart(here: DataPaths) -> None:
    stop([filled(here)])
    child = embedded_postgres.start(here)
    try:
        with connected(here) as connection:
            assert recovered(connection) is True
            assert count_matches(connection) == 20
            assert recovered(connection) is False
            rows = connection.execute("SELECT count(*) FROM search_chunk").fetchone()
            assert rows == (20,)
    finally:
        stop([child])


def test_rows_are_found_after_a_crash(here: DataPaths) -> None:
    child = filled(here)
    try:
        with connected(here) as connection:
            pid = connection.info.backend_pid
            os.kill(pid, signal.SIGKILL)
        with connected_after_crash(here) as connection:
            assert recovered(connection) is True
            assert count_matches(connection) == 20
    finally:
        stop([child])


def test_only_one_session_recovers(here: DataPaths) -> None:
    child = filled(here)
    try:
        with connected(here) as first, connected(here) as second:
            first.execute("DELETE FROM search_bm25_loaded")
            with bm25_recovery.try_lock(first.cursor()) as mine:
                assert mine
                assert recovered(second) is False
            assert recovered(second) is True
    finally:
        stop([child])


def test_recovery_does_not_deadlock_with_queries(here: DataPaths) -> None:
    child = filled(here)
    try:
        with connected(here) as asking, ThreadPoolExecutor(2) as pool:
            for first, then in ((1, 2), (2, 1)):
                asking.execute("DELETE FROM search_bm25_loaded")
                with asking.transaction():
                    asking.execute(f"SELECT FROM search_chunk_{first}")
                    recovery = pool.submit(recovered_in_another_session, here)
                    while not waits_for(asking) and not recovery.done():
                        time.sleep(0.01)
                    asking.execute(f"SELECT FROM search_chunk_{then}")
                assert recovery.result(timeout=60) is True
    finally:
        stop([child])


def recovered_in_another_session(here: DataPaths) -> bool:
    with connected(here) as connection:
        return recovered(connection)


def waits_for(connection: Connection) -> bool:
    row = connection.execute(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE NOT granted"
        " AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))"
    ).fetchone()
    return bool(row and row[0])


def connected_after_crash(here: DataPaths) -> Connection:
    """Connect once the server has recovered, which empties unlogged tables."""
    for _ in range(100):
        try:
            connection = connected(here)
            if (
                connection.execute("SELECT * FROM search_bm25_loaded").fetchone()
                is None
            ):
                return connection
            connection.close()
        except psycopg.OperationalError:
            pass
        time.sleep(0.2)
    raise TimeoutError
