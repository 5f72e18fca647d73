"""Database sessions of Cypher queries: one for each query, with few rights and limits.

A query runs in a read-only transaction, as a role that can only read graphs. The number
of queries is limited for each caller. The embedded server's process for the session has
a low priority and a limit of memory. A process that does not react to its timeout is
terminated, and the caller does not wait for it.
"""

from __future__ import annotations

import logging
import os
import resource
import socket
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg
from django.conf import settings
from django.db import connection, transaction
from psycopg import sql

from documents.workspaces import audit
from graph.age.errors import CypherBusy, CypherUnavailable, InvalidCypher

logger = logging.getLogger(__name__)

Session = psycopg.Connection[tuple[Any, ...]]
READER = "lightrag_reader"
"""Role of the queries, if the database has it and the server may use it."""
QUERIES, QUERIES_PER_CALLER = 4, 2
"""Upper bounds on the queries of a process, and of one caller in it."""
MEMORY_BYTES = 512 * 2**20
"""Upper bound on the bytes that an embedded server's process allocates for a query."""
TEMP_FILES = "512MB"
NICENESS = 15
TOO_MUCH_MEMORY = "The query needs too much memory."
TERMINATE_AFTER = 1.5
"""Multiple of the timeout after which the server's process is terminated."""
CHECK_INTERVAL = 0.1
END_CHECK_INTERVAL = 1.0

_SETTINGS = """
SET LOCAL transaction_read_only = on;
SET LOCAL search_path = ag_catalog;
SET LOCAL max_parallel_workers_per_gather = 0;
SET LOCAL jit = off;
SET LOCAL statement_timeout = {timeout}
"""
# The embedded server has the first one by default (embedded_postgres.CONFIGURATION).
_OPTIONAL_SETTINGS = """
SELECT set_config(wanted.name, wanted.value, true)
FROM (VALUES ('age.enable_containment', 'off'), ('temp_file_limit', %s))
    AS wanted (name, value)
JOIN pg_catalog.pg_settings s USING (name)
WHERE s.context = 'user' OR has_parameter_privilege(name, 'SET')
"""
_MAY_USE_READER = """
SELECT pg_has_role(r.oid, 'SET') AND has_schema_privilege(r.oid, n.oid, 'USAGE')
FROM pg_catalog.pg_roles r, pg_catalog.pg_namespace n
WHERE rolname = %s AND nspname = 'ag_catalog'
"""
_LACKS_GRAPH = """
SELECT FROM pg_catalog.pg_namespace
WHERE nspname = %s AND NOT has_schema_privilege(%s, oid, 'USAGE')
"""
_GRANT_GRAPH = """
SELECT pg_advisory_xact_lock(hashtext('lightrag.reader'));
GRANT USAGE ON SCHEMA {graph} TO {reader};
GRANT SELECT ON ALL TABLES IN SCHEMA {graph} TO {reader}
"""


class Slots:
    """The running queries, which are limited for the process and for each caller."""

    def __init__(self, total: int, per_caller: int) -> None:
        self._lock = threading.Lock()
        self._running: Counter[str] = Counter()
        self._total, self._per_caller = total, per_caller

    def take(self, caller: str) -> None:
        """Count a query of this caller; raise CypherBusy."""
        with self._lock:
            if (
                self._running[caller] >= self._per_caller
                or self._running.total() >= self._total
            ):
                raise CypherBusy
            self._running[caller] += 1

    def release(self, caller: str) -> None:
        """Remove a finished query of this caller from the counts."""
        with self._lock:
            self._running[caller] -= 1


_slots = Slots(QUERIES, QUERIES_PER_CALLER)


@contextmanager
def open_session(graph: str, timeout_ms: int) -> Iterator[Session]:
    """Yield a session in a transaction that is rolled back afterwards.

    Inside of a transaction of the caller this is the caller's session, so that the query
    sees its changes. Raises CypherBusy and CypherUnavailable.
    """
    if connection.in_atomic_block:
        with transaction.atomic():
            connection.ensure_connection()
            _prepare(connection.connection, graph, timeout_ms)
            yield connection.connection
            transaction.set_rollback(True)
        return
    caller = _caller()
    _slots.take(caller)
    watchdog = None
    try:
        with _connect() as session:
            _grant_graph(session, graph)
            _lower_priority(session.info.backend_pid)
            watchdog = Watchdog(session, timeout_ms / 1000 * TERMINATE_AFTER)
            with watchdog, session.transaction(force_rollback=True):
                _prepare(session, graph, timeout_ms)
                yield session
    except psycopg.errors.QueryCanceled as error:
        if watchdog is not None and watchdog.exceeded_memory:
            raise InvalidCypher(TOO_MUCH_MEMORY) from error
        raise
    finally:
        if watchdog is not None and watchdog.fired:
            _release_when_ended(watchdog.pid, caller)
        else:
            _slots.release(caller)


def ensure_reader() -> None:
    """Create the reader's role if the server's own role may create roles."""
    reader = sql.Identifier(READER)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = %s),"
            " rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user",
            [READER],
        )
        exists, may_create = cursor.fetchone() or (True, False)
        if not exists and may_create:
            cursor.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(reader))
        cursor.execute(
            "SELECT nspowner::regrole::text = current_user OR rolsuper"
            " FROM pg_namespace, pg_roles"
            " WHERE nspname = 'ag_catalog' AND rolname = current_user"
        )
        if (exists or may_create) and cursor.fetchone() == (True,):
            cursor.execute(
                sql.SQL("GRANT USAGE ON SCHEMA ag_catalog TO {}").format(reader)
            )


class Watchdog:
    """Ends a query that needs too much memory, or ignores its timeout.

    `fired` is true after that; `exceeded_memory` is true if memory was the reason.
    """

    def __init__(self, session: Session, seconds: float) -> None:
        self.pid = session.info.backend_pid
        self.fired = False
        self.exceeded_memory = False
        self._session = session
        self._deadline = time.monotonic() + seconds
        self._done = threading.Event()

    def __enter__(self) -> None:
        threading.Thread(target=self._watch, name="cypher", daemon=True).start()

    def __exit__(self, *_error: object) -> None:
        self._done.set()

    def _watch(self) -> None:
        is_local = settings.LIGHTRAG.stores.embedded_postgres
        while not self._done.wait(CHECK_INTERVAL):
            if time.monotonic() > self._deadline:
                self._terminate()
                return
            if is_local and private_memory(self.pid) > MEMORY_BYTES:
                self.exceeded_memory = True
                with suppress(psycopg.Error):
                    self._session.cancel()

    def _terminate(self) -> None:
        self.fired = True
        logger.warning("A Cypher query ignores its timeout; terminating its process")
        with suppress(psycopg.Error), _connect() as other:
            other.execute("SELECT pg_terminate_backend(%s)", [self.pid])
        # A process in a loop without interrupt checks stays: do not wait for it.
        with suppress(psycopg.Error, OSError):
            descriptor = os.dup(self._session.pgconn.socket)
            with socket.socket(fileno=descriptor) as copy:
                copy.shutdown(socket.SHUT_RDWR)


def private_memory(pid: int) -> int:
    """Return the bytes that only this process uses; 0 if they are unknown."""
    try:
        pages = Path(f"/proc/{pid}/statm").read_text("ascii").split()
    except OSError:
        return 0
    return (int(pages[1]) - int(pages[2])) * resource.getpagesize()


def _caller() -> str:
    current = audit.current_actor()
    anonymous = current.kind in (audit.Kind.GUEST, audit.Kind.ANYONE)
    return f"{current.kind}:{current.address if anonymous else current.name}"


def _connect() -> Session:
    """Open a session outside of the pool, because the limits of its process remain."""
    parameters = connection.get_connection_params()
    parameters.pop("cursor_factory", None)
    session: Session = psycopg.connect(
        **parameters, autocommit=True, connect_timeout=10
    )
    return session


def _grant_graph(session: Session, graph: str) -> None:
    """Let the reader read this graph, once, if the database has the reader."""
    if not _may_use_reader(session):
        return
    if session.execute(_LACKS_GRAPH, [graph, READER]).fetchone() is None:
        return
    with session.transaction():
        session.execute(
            sql.SQL(_GRANT_GRAPH).format(
                graph=sql.Identifier(graph), reader=sql.Identifier(READER)
            )
        )


def _may_use_reader(session: Session) -> bool:
    return session.execute(_MAY_USE_READER, [READER]).fetchone() == (True,)


def _prepare(session: Session, graph: str, timeout_ms: int) -> None:
    """Load AGE, set the limits and the role for this transaction."""
    _load_age(session)
    with psycopg.Cursor(session) as cursor:
        if connection.in_atomic_block:
            _grant_graph(session, graph)
        cursor.execute(_OPTIONAL_SETTINGS, [TEMP_FILES])
        uses_reader = _may_use_reader(session)
        cursor.execute(_SETTINGS.format(timeout=int(timeout_ms)))
        if uses_reader:
            cursor.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(READER)))


def _load_age(session: Session) -> None:
    """Load AGE if the server does not load it for every session."""
    setting = "SELECT current_setting('age.enable_containment', true)"
    with psycopg.Cursor(session) as cursor:
        if cursor.execute(setting).fetchone() != (None,):
            return
        try:
            cursor.execute("LOAD 'age'")
        except psycopg.Error as error:
            raise CypherUnavailable(
                f"Apache AGE can't be loaded: {error.diag.message_primary}. Install it, "
                "or add it to session_preload_libraries."
            ) from error


def _lower_priority(pid: int) -> None:
    """Lower the priority of the embedded server's process below that of other processes."""
    if settings.LIGHTRAG.stores.embedded_postgres:
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, pid, NICENESS)


def _release_when_ended(pid: int, caller: str) -> None:
    """Release the slot when the terminated process has ended."""

    def wait() -> None:
        query = "SELECT FROM pg_stat_activity WHERE pid = %s"
        with suppress(psycopg.Error), _connect() as session:
            while session.execute(query, [pid]).fetchone() is not None:
                time.sleep(END_CHECK_INTERVAL)
        _slots.release(caller)

    threading.Thread(target=wait, name="cypher", daemon=True).start()
