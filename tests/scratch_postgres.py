"""A PostgreSQL of this process's own, gone when it is.

Each parallel test process has its own: pg_textsearch 1.0 keeps what is new in an index in
shared memory by the index's OID alone, so two databases of one server that were made
alike find each other's rows (and end in `stuck spinlock` when one of them goes).
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

from lightrag_site import paths
from lightrag_site.running import embedded_postgres
from lightrag_site.running.processes import stop

CARELESS = ("fsync", "synchronous_commit", "full_page_writes")
"""Switched off: what is here need not outlive a crash."""


@contextmanager
def running() -> Iterator[Path]:
    """The folder of its socket; `postgres` is its user, without a password."""
    with tempfile.TemporaryDirectory(prefix="lightrag-tests-") as name:
        here = paths.of(Path(name))
        child = embedded_postgres.start(here)
        try:
            with psycopg.connect(
                host=str(here.postgres_socket_dir), user="postgres", autocommit=True
            ) as connection:
                for setting in CARELESS:
                    connection.execute(f"ALTER SYSTEM SET {setting} = off")
                connection.execute("SELECT pg_reload_conf()")
            yield here.postgres_socket_dir
        finally:
            stop([child])
