"""Document leases: the database records which worker processes which document.

A worker renews its leases while it runs; the leases of a dead worker expire. Workers on
any number of hosts coordinate through these records only.
"""

from __future__ import annotations

import logging
import signal
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.models.functions import Now

from documents.models import UNFINISHED_SQL, Document
from documents.pipeline import database_steps

logger = logging.getLogger(__name__)
LEASE_SECONDS = 20
HEARTBEAT_SECONDS = 5
WATCHDOG_SECONDS = 60
"""Time without a renewal after which the kernel ends the worker process."""
STALLED_SECONDS = 2 * WATCHDOG_SECONDS
"""Time after which an expired lease should have been taken over by another worker."""
MAX_CLAIMED = 64
"""Default upper bound on the documents that one call of `claim` leases."""
MAX_CLAIMED_OF_WORKSPACE = 16
"""Upper bound on documents of a workspace that one statement leases."""
MAX_ID = 2**63 - 1

# The workspaces with unfinished documents, whose ids are above %(after)s and up to %(upto)s:
# one index lookup each, however many other workspaces there are. PostgreSQL computes
# only the rows that the statement reads. The statuses are literals so that the partial index
# `document_unfinished` is used.
NEXT = f"""(
        SELECT d.workspace_id FROM documents_document d
        WHERE d.status IN ({UNFINISHED_SQL}) AND d.workspace_id <= %(upto)s
            AND d.workspace_id > {{0}}
        ORDER BY d.workspace_id LIMIT 1)"""  # noqa: S608 - our own text
UNFINISHED_WORKSPACES = f"""
RECURSIVE workspaces (id) AS (
    SELECT {NEXT.format("%(after)s")}
    UNION ALL
    SELECT {NEXT.format("w.id")} FROM workspaces w WHERE w.id IS NOT NULL
)"""  # noqa: S608 - our own text
FREE = f"""
        d.workspace_id = (
                SELECT live.id FROM documents_workspace live
                WHERE live.id = w.id AND live.deleted_at IS NULL)
            AND d.status IN ({UNFINISHED_SQL})
            AND (d.lease_until IS NULL OR d.lease_until < now())
"""  # noqa: S608 - our own text

# Each workspace contributes up to a share, so a workspace with one document does not wait
# for one with a long queue. MATERIALIZED, because a plan that evaluates the subquery for
# each document would skip the rows locked before and return the next share each time.
CLAIM = f"""
WITH {UNFINISHED_WORKSPACES}, next AS MATERIALIZED (
    SELECT free.id
    FROM workspaces w
    LEFT JOIN unnest(%(workspaces)s::bigint[], %(counts)s::int[]) AS leased (id, documents)
        ON leased.id = w.id
    CROSS JOIN LATERAL (
        SELECT d.id FROM documents_document d WHERE {FREE}
        ORDER BY d.created_at, d.id
        LIMIT least(greatest(%(share)s - coalesce(leased.documents, 0), 0), %(at_once)s)
        FOR UPDATE SKIP LOCKED
    ) AS free
    LIMIT %(room)s
)
UPDATE documents_document
SET lease_owner = %(owner)s, lease_until = now() + %(seconds)s * interval '1 second',
    attempts = attempts + (lease_until IS NOT NULL)::int
FROM next WHERE documents_document.id = next.id
RETURNING documents_document.id
"""  # noqa: S608 - our own text

HAS_WORK = f"""
WITH {UNFINISHED_WORKSPACES}
SELECT EXISTS (SELECT FROM documents_workspace WHERE stale_since IS NOT NULL)
    OR EXISTS (
        SELECT FROM workspaces w
        CROSS JOIN LATERAL (SELECT FROM documents_document d WHERE {FREE} LIMIT 1) free
    )
"""  # noqa: S608 - our own text

EXPIRED = f"""
SELECT count(*) FROM documents_document
WHERE lease_owner <> ''
    AND status IN ({UNFINISHED_SQL})
    AND lease_until < now() - %(seconds)s * interval '1 second'
"""  # noqa: S608 - our own text

# Ordered by id, as all statements that wait for rows of documents. `<> ''` lets PostgreSQL use the
# partial index `document_leased`.
HELD = """
SELECT id FROM documents_document
WHERE lease_owner = %(owner)s AND lease_owner <> ''
ORDER BY id FOR NO KEY UPDATE
"""

LIVE_OWNERS = """
SELECT DISTINCT lease_owner FROM documents_document
WHERE lease_owner <> '' AND lease_until > now()
"""

# Rows that a merge locks are skipped: waiting for them would let all other leases expire.
RENEW = f"""
UPDATE documents_document
SET lease_until = now() + %(seconds)s * interval '1 second'
WHERE id IN ({HELD} SKIP LOCKED)
"""  # noqa: S608 - our own text

# Uses clock_timestamp(), because now() is the time when the transaction began.
RENEW_LOCKED = """
UPDATE documents_document
SET lease_until = clock_timestamp() + %(seconds)s * interval '1 second'
WHERE id = ANY(%(documents)s)
"""

RELEASE = f"""
UPDATE documents_document SET lease_owner = '', lease_until = NULL
WHERE id IN ({HELD})
"""  # noqa: S608 - our own text


@contextmanager
def owner(worker: str = "") -> Iterator[str]:
    """Yield a new lease owner, whose leases a thread renews until the exit.

    Its name begins with `worker`, the name of the worker process if there is one. The
    kernel ends such a process when the thread has renewed nothing for WATCHDOG_SECONDS,
    for example because a C function holds the interpreter's lock.
    """
    name = f"{worker[:51]}#{uuid.uuid4().hex[:12]}"
    stopped = threading.Event()
    watchdog = WATCHDOG_SECONDS if worker else 0
    thread = threading.Thread(
        target=keep_renewing, args=(name, stopped, watchdog), daemon=True
    )
    thread.start()
    try:
        yield name
    finally:
        stopped.set()
        thread.join()
        if watchdog:
            signal.alarm(0)
        execute(RELEASE, {"owner": name})


def keep_renewing(name: str, stopped: threading.Event, watchdog: int = 0) -> None:
    """Renew the leases until `stopped`; `watchdog` is the time limit of one renewal."""
    try:
        while not stopped.wait(HEARTBEAT_SECONDS):
            if watchdog:
                signal.alarm(watchdog)
            renew(name)
    finally:
        connection.close()


def renew(name: str) -> None:
    """Renew the leases of an owner. If the database is unavailable, log it."""
    try:
        execute(RENEW, {"owner": name, "seconds": LEASE_SECONDS})
    except database_steps.CONNECTION_ERRORS as error:
        logger.warning("Leases could not be renewed: %s", error)
        connection.close()


def renew_locked(document_ids: list[int]) -> None:
    """Renew leases at the end of a long transaction that has locked the documents."""
    execute(RENEW_LOCKED, {"documents": document_ids, "seconds": LEASE_SECONDS})


def claim(
    name: str,
    share: int,
    leased_counts: Mapping[int, int],
    *,
    only: int | None = None,
    after: int = 0,
    room: int = MAX_CLAIMED,
) -> list[Document]:
    """Lease up to `room` unfinished documents without a lease, the oldest of each workspace.

    `leased_counts` contains the number of documents that the owner has leased, by
    workspace. With the new leases it holds up to `share` documents of each workspace; one
    call leases at most MAX_CLAIMED_OF_WORKSPACE of them. The workspaces with ids above
    `after` come first. `only` restricts the call to one workspace.
    """
    values: dict[str, Any] = {
        "owner": name,
        "seconds": LEASE_SECONDS,
        "workspaces": list(leased_counts),
        "counts": list(leased_counts.values()),
        "share": share,
        "at_once": MAX_CLAIMED_OF_WORKSPACE,
    }
    ids: list[int] = []
    for above, upto in _ranges(only, after):
        values |= {"after": above, "upto": upto, "room": room - len(ids)}
        with connection.cursor() as cursor:
            cursor.execute(CLAIM, values)
            ids += [row[0] for row in cursor.fetchall()]
    return list(Document.objects.filter(pk__in=ids).order_by("created_at", "pk"))


def _ranges(only: int | None, after: int) -> list[tuple[int, int]]:
    """Return the ranges of workspace ids to read, as pairs (above, up to)."""
    if only is not None:
        return [(only - 1, only)]
    return [(after, MAX_ID), (0, after)] if after else [(0, MAX_ID)]


def still_leased(name: str, document_ids: list[int]) -> set[int]:
    """Return the documents that were not deleted, cancelled or leased by another."""
    rows = Document.objects.filter(
        pk__in=document_ids,
        lease_owner=name,
        cancelled=False,
        workspace__deleted_at=None,
    )
    return set(rows.values_list("pk", flat=True))


def release(document: Document) -> None:
    """End the lease of one document, unless another worker has leased it."""
    Document.objects.filter(pk=document.pk, lease_owner=document.lease_owner).update(
        lease_owner="", lease_until=None
    )


def held_by(worker: str) -> list[dict[str, str]]:
    """Return the documents that the processes of a worker hold, oldest first."""
    rows = Document.objects.filter(
        lease_owner__startswith=f"{worker}/"[:51], lease_until__gt=Now()
    ).order_by("created_at", "pk")
    fields = rows.values_list(
        "public_id", "name", "workspace__name", "status", "lease_owner"
    )
    names = ("id", "name", "workspace", "status", "process")
    return [dict(zip(names, values, strict=True)) for values in fields]


def stalled() -> int:
    """Return how many leases expired long ago and were not taken over. One query."""
    with connection.cursor() as cursor:
        cursor.execute(EXPIRED, {"seconds": STALLED_SECONDS})
        return int(cursor.fetchone()[0])


def live_owners() -> list[str]:
    """Return the owners of unexpired leases. One query."""
    with connection.cursor() as cursor:
        cursor.execute(LIVE_OWNERS)
        return [row[0] for row in cursor.fetchall()]


def execute(statement: str, values: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def has_work() -> bool:
    """Return whether there are unfinished documents without a lease, or stale vectors."""
    with connection.cursor() as cursor:
        cursor.execute(HAS_WORK, {"after": 0, "upto": MAX_ID})
        (exists,) = cursor.fetchone()
        return bool(exists)
