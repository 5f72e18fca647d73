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
MAX_CLAIMED = 16
"""Upper bound on documents of a workspace that one statement leases."""

# Each workspace contributes up to a share, so a workspace with one document does not wait
# for one with a long queue. MATERIALIZED, because a plan that evaluates the subquery for
# each document would skip the rows locked before and return the next share each time.
# The statuses are literals so that the partial index `document_unfinished` is used.
CLAIM = f"""
WITH next AS MATERIALIZED (
    SELECT free.id
    FROM documents_workspace w
    LEFT JOIN unnest(%(workspaces)s::bigint[], %(counts)s::int[]) AS held (id, documents)
        ON held.id = w.id
    CROSS JOIN LATERAL (
        SELECT d.id FROM documents_document d
        WHERE d.workspace_id = w.id
            AND d.status IN ({UNFINISHED_SQL})
            AND (d.lease_until IS NULL OR d.lease_until < now())
        ORDER BY d.created_at, d.id
        LIMIT least(greatest(%(share)s - coalesce(held.documents, 0), 0), %(at_once)s)
        FOR UPDATE SKIP LOCKED
    ) AS free
    WHERE %(only)s::bigint IS NULL OR w.id = %(only)s
)
UPDATE documents_document
SET lease_owner = %(owner)s, lease_until = now() + %(seconds)s * interval '1 second',
    attempts = attempts + (lease_until IS NOT NULL)::int
FROM next WHERE documents_document.id = next.id
RETURNING documents_document.id
"""  # noqa: S608 - our own text

WORKSPACES_WITH_WORK = f"""
SELECT w.id FROM documents_workspace w
WHERE w.stale_since IS NOT NULL OR EXISTS (
    SELECT FROM documents_document d
    WHERE d.workspace_id = w.id
        AND d.status IN ({UNFINISHED_SQL})
        AND (d.lease_until IS NULL OR d.lease_until < now())
)
"""  # noqa: S608 - our own text

EXPIRED = f"""
SELECT count(*) FROM documents_document
WHERE lease_owner <> ''
    AND status IN ({UNFINISHED_SQL})
    AND lease_until < now() - %(seconds)s * interval '1 second'
"""  # noqa: S608 - our own text

# Ordered by id, as everywhere documents are locked. `<> ''` lets PostgreSQL use the
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

# Not now(), which is the time when the transaction began.
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
    name: str, share: int, held: Mapping[int, int], only: int | None = None
) -> list[Document]:
    """Lease unfinished documents without a lease, the oldest of each workspace.

    `held` is the number of documents that the owner holds by workspace; each workspace
    is filled up to `share`, by MAX_CLAIMED documents at most. `only` restricts it to one
    workspace.
    """
    values: dict[str, Any] = {
        "owner": name,
        "seconds": LEASE_SECONDS,
        "workspaces": list(held),
        "counts": list(held.values()),
        "share": share,
        "at_once": MAX_CLAIMED,
        "only": only,
    }
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, values)
        ids = [row[0] for row in cursor.fetchall()]
    return list(Document.objects.filter(pk__in=ids).order_by("created_at", "pk"))


def still_wanted(name: str, document_ids: list[int]) -> set[int]:
    """Return the documents that were not deleted, cancelled or leased by another."""
    rows = Document.objects.filter(
        pk__in=document_ids, lease_owner=name, cancelled=False
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


def workspaces_with_work() -> list[int]:
    """Return the workspaces with unfinished documents without a lease, or stale vectors."""
    with connection.cursor() as cursor:
        cursor.execute(WORKSPACES_WITH_WORK)
        return [row[0] for row in cursor.fetchall()]
