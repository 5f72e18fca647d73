"""One writer of a workspace's graph at a time, so that writers of one hub cannot deadlock.

Writers are short (set-based, no model is asked inside), so they wait milliseconds for
each other; readers never wait.
"""

from __future__ import annotations

import random
import time

from django.db import OperationalError, connection, transaction
from psycopg.errors import LockNotAvailable

GIVES_WAY_AFTER = "500ms"
"""Shorter than PostgreSQL's deadlock_timeout, after which it would choose whom to fail."""
LONGEST = 120.0
SHARED = (
    "ONLY search_chunk, ONLY search_entity, ONLY search_relation,"
    " documents_chunk, graph_entity, graph_relation"
)


def lock(workspace_id: int) -> None:
    """Take the workspace's write lock until the transaction ends, and raise its version.

    The version is part of every answer's cache key: a commit under this lock makes
    older answers unreachable.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE documents_workspace SET version = version + 1 WHERE id = %s",
            [workspace_id],
        )


def hold(*workspace_ids: int) -> None:
    """Keep these workspaces from being deleted or renamed until the transaction ends.

    For who writes rows of a workspace without its lock: before documents or chunks are
    locked, for a deletion goes that way too. Nobody else is kept waiting.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT FROM documents_workspace WHERE id = ANY(%s)"
            " ORDER BY id FOR KEY SHARE",
            [list(workspace_ids)],
        )


def take_turn() -> None:
    """Wait for all others who swap or drop a workspace's search tables.

    The first thing in the transaction: who has touched what all workspaces share, and then
    wants it for himself (`take_search`), must be the only one of his kind.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('lightrag.swap'))")


def take_search(workspace_id: int) -> None:
    """Take the workspace's search tables for oneself until the transaction ends.

    Who drops one takes the tables it refers to as well, from everybody. Who reads two of
    those may have one and wait for the other, and all that come later wait behind: so
    this lets go, and comes again. It is done before anything is dropped, for a BM25 index
    is gone at once, even where its dropping is rolled back. Raises OperationalError
    after LONGEST seconds.
    """
    end = time.monotonic() + LONGEST
    while not _taken(workspace_id, last_try=time.monotonic() > end):
        time.sleep(random.uniform(0.05, 0.5))  # noqa: S311 - no secret


def _taken(workspace_id: int, *, last_try: bool) -> bool:
    """Whether all were free within a moment; raises what was in the way at the last."""
    kinds = ("chunk", "entity", "relation")
    own = ", ".join(f"search_{kind}_{workspace_id}" for kind in kinds)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{GIVES_WAY_AFTER}'")
            cursor.execute("SELECT lightrag_close_search(%s)", [workspace_id])
            cursor.execute(f"LOCK TABLE {own}, {SHARED} IN ACCESS EXCLUSIVE MODE")
            cursor.execute("SET LOCAL lock_timeout = 0")
    except OperationalError as error:
        if last_try or not isinstance(error.__cause__, LockNotAvailable):
            raise
        return False
    return True
