"""A temporary PostgreSQL for one process.

Each parallel test process has its own server, whose data need not survive a crash.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from lightrag_site import paths
from lightrag_site.running import database_roles, embedded_postgres
from lightrag_site.running.processes import stop

UNSAFE_SETTINGS = ("fsync", "synchronous_commit", "full_page_writes")
"""Settings that are switched off for speed; the data need not survive a crash."""


@contextmanager
def running() -> Iterator[Path]:
    """Start a server; yield the folder of its socket (no passwords).

    The user `lightrag` may create databases, which contain the extensions.
    """
    with tempfile.TemporaryDirectory(prefix="lightrag-tests-") as name:
        data_paths = paths.of(Path(name))
        child = embedded_postgres.start(data_paths)
        try:
            with psycopg.connect(
                host=str(data_paths.postgres_socket_dir),
                user="postgres",
                dbname="template1",
                autocommit=True,
            ) as connection:
                for setting in UNSAFE_SETTINGS:
                    connection.execute(f"ALTER SYSTEM SET {setting} = off")
                connection.execute("SELECT pg_reload_conf()")
                connection.execute("ALTER ROLE lightrag CREATEDB")
                # Some tests switch triggers off.
                connection.execute(
                    "GRANT SET ON PARAMETER session_replication_role TO lightrag"
                )
                database_roles.install_extensions(connection)
            yield data_paths.postgres_socket_dir
        finally:
            stop([child])
