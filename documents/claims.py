"""Which worker has which document in hand: leases in the database.

A lease is prolonged while its worker lives and runs out soon after it died, so the
database alone says what is left to do, to any number of workers on any hosts.
"""

from __future__ import annotations

import logging
import threading
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.models import Q
from django.db.models.functions import Now

from documents import outages
from documents.models import Document, Status

logger = logging.getLogger(__name__)
LEASE_SECONDS = 30
HEARTBEAT_SECONDS = 8
UNFINISHED = (Status.PENDING, Status.PARSING, Status.ANALYZING, Status.PROCESSING)

CLAIM = """
UPDATE documents_document
SET lease_owner = %(owner)s, lease_until = now() + %(seconds)s * interval '1 second'
WHERE id IN (
    SELECT id FROM documents_document
    WHERE workspace_id = %(workspace)s AND status = ANY(%(unfinished)s)
        AND (lease_until IS NULL OR lease_until < now())
    ORDER BY created_at, id
    LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
)
RETURNING id
"""

PROLONG = """
UPDATE documents_document
SET lease_until = now() + %(seconds)s * interval '1 second'
WHERE lease_owner = %(owner)s
"""

RELEASE = """
UPDATE documents_document SET lease_owner = '', lease_until = NULL
WHERE lease_owner = %(owner)s
"""


@contextmanager
def owner() -> Iterator[str]:
    """A new lease owner, its leases prolonged by a thread of its own until the exit."""
    name = uuid.uuid4().hex
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
    except outages.LOST as error:
        logger.warning("Leases could not be prolonged: %s", error)
        connection.close()


def claim(workspace_id: int, name: str, limit: int) -> list[Document]:
    """Up to `limit` unfinished documents nobody has in hand, oldest first."""
    values: dict[str, Any] = {
        "workspace": workspace_id,
        "owner": name,
        "seconds": LEASE_SECONDS,
        "limit": limit,
        "unfinished": [str(status) for status in UNFINISHED],
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


def execute(statement: str, values: dict[str, Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def workspaces_with_work() -> list[int]:
    """Workspaces that hold documents which nobody works on."""
    unleased = Q(lease_until=None) | Q(lease_until__lt=Now())
    rows = Document.objects.filter(unleased, status__in=UNFINISHED)
    return list(rows.values_list("workspace_id", flat=True).distinct())
