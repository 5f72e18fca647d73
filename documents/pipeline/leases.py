"""Which worker has which document in hand: leases in the database.

A lease is prolonged while its worker lives and runs out soon after it died, so the
database alone says what is left to do, to any number of workers on any hosts.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from django.db import connection

from documents.models import UNFINISHED_SQL, Document
from documents.pipeline import db_retry

logger = logging.getLogger(__name__)
LEASE_SECONDS = 20
HEARTBEAT_SECONDS = 5
CLAIM_AT_ONCE = 16

# Of each workspace so many that its worker then has a share of it in hand: the queue of
# one is as long as it likes, and another's only document is taken at once. Materialized:
# a plan that asked it again for each document would get, with what is then locked left
# out, the next share each time. The statuses are written out for the partial index
# `document_unfinished`.
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
SET lease_owner = %(owner)s, lease_until = now() + %(seconds)s * interval '1 second'
FROM next WHERE documents_document.id = next.id
RETURNING documents_document.id
"""  # noqa: S608 - our own text

WAITING = f"""
SELECT w.id FROM documents_workspace w
WHERE w.stale_since IS NOT NULL OR EXISTS (
    SELECT FROM documents_document d
    WHERE d.workspace_id = w.id
        AND d.status IN ({UNFINISHED_SQL})
        AND (d.lease_until IS NULL OR d.lease_until < now())
)
"""  # noqa: S608 - our own text

# In the order in which all others lock documents. An owner is never empty: said here
# for the partial index `document_leased`.
HELD = """
SELECT id FROM documents_document
WHERE lease_owner = %(owner)s AND lease_owner <> ''
ORDER BY id FOR NO KEY UPDATE
"""

LIVING = """
SELECT DISTINCT lease_owner FROM documents_document
WHERE lease_owner <> '' AND lease_until > now()
"""

PROLONG = f"""
UPDATE documents_document
SET lease_until = now() + %(seconds)s * interval '1 second'
WHERE id IN ({HELD})
"""  # noqa: S608 - our own text

RELEASE = f"""
UPDATE documents_document SET lease_owner = '', lease_until = NULL
WHERE id IN ({HELD})
"""  # noqa: S608 - our own text


@contextmanager
def owner(worker: str = "") -> Iterator[str]:
    """Yield a new lease owner, whose leases a thread prolongs until the exit.

    Its name begins with `worker`, the name of the worker process if there is one.
    """
    name = f"{worker[:40]}#{uuid.uuid4().hex[:12]}"
    stopped = threading.Event()
    heart = threading.Thread(target=beat, args=(name, stopped), daemon=True)
    heart.start()
    try:
        yield name
    finally:
        stopped.set()
        heart.join()
        execute(RELEASE, {"owner": name})


def beat(name: str, stopped: threading.Event) -> None:
    try:
        while not stopped.wait(HEARTBEAT_SECONDS):
            prolong(name)
    finally:
        connection.close()


def prolong(name: str) -> None:
    """A database that is away is asked again at the next beat."""
    try:
        execute(PROLONG, {"owner": name, "seconds": LEASE_SECONDS})
    except db_retry.LOST as error:
        logger.warning("Leases could not be prolonged: %s", error)
        connection.close()


def claim(
    name: str, share: int, held: Mapping[int, int], only: int | None = None
) -> list[Document]:
    """Unfinished documents nobody has in hand, of each workspace the oldest.

    `held` is how many of each the owner has; it is filled up to `share`, by
    CLAIM_AT_ONCE at most. `only`: of this workspace alone.
    """
    values: dict[str, Any] = {
        "owner": name,
        "seconds": LEASE_SECONDS,
        "workspaces": list(held),
        "counts": list(held.values()),
        "share": share,
        "at_once": CLAIM_AT_ONCE,
        "only": only,
    }
    with connection.cursor() as cursor:
        cursor.execute(CLAIM, values)
        ids = [row[0] for row in cursor.fetchall()]
    return list(Document.objects.filter(pk__in=ids).order_by("created_at", "pk"))


def still_wanted(name: str, document_ids: list[int]) -> set[int]:
    """Those of the documents that nobody deleted, cancelled or took over."""
    rows = Document.objects.filter(
        pk__in=document_ids, lease_owner=name, cancelled=False
    )
    return set(rows.values_list("pk", flat=True))


def living() -> list[str]:
    """The owners whose leases run. One query."""
    with connection.cursor() as cursor:
        cursor.execute(LIVING)
        return [row[0] for row in cursor.fetchall()]


def execute(statement: str, values: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def workspaces_with_work() -> list[int]:
    """Workspaces where something waits that nobody has in hand. One probe for each."""
    with connection.cursor() as cursor:
        cursor.execute(WAITING)
        return [row[0] for row in cursor.fetchall()]
