"""Documents by day, and the queue now. Both read recent rows only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Count, Min, Q, Sum
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from documents.models import UNFINISHED, Document, Status
from documents.queries import pipeline_status

# Each workspace has an index on the time of the last change.
CHANGED = """
SELECT (d.created_at AT TIME ZONE %(zone)s)::date,
    (d.updated_at AT TIME ZONE %(zone)s)::date, d.status, count(*)
FROM documents_workspace w CROSS JOIN LATERAL (
    SELECT created_at, updated_at, status FROM documents_document
    WHERE workspace_id = w.id AND updated_at >= %(since)s OFFSET 0) AS d
WHERE w.deleted_at IS NULL
GROUP BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class DailyStatus:
    """Documents by status at the end of a day."""

    day: date
    ready: int
    unfinished: int
    failed: int


@dataclass(frozen=True, slots=True)
class Queue:
    """Unfinished documents, and their chunks that have not been extracted.

    `since` is the upload time of the oldest; `blocked_reason` tells why the queue is
    paused, if it is.
    """

    queued: int
    processing: int
    workers: int
    chunks: int
    since: datetime | None
    blocked_reason: str


def daily_statuses(days: Sequence[date], now: Mapping[str, int]) -> list[DailyStatus]:
    """Return the documents by status at the end of each day. One statement.

    `now` holds the current number of documents by status. Earlier statuses of a document
    are not stored: before its last change it counts as unfinished.
    """
    changed = changes(days[0])
    return [_at_end_of(day, changed, now) for day in days]


Changed = tuple[date, date, str, int]


def changes(since: date) -> list[Changed]:
    """Return documents that changed since a day: created on, changed on, status, count."""
    zone = timezone.get_current_timezone_name()
    values: dict[str, Any] = {"since": since, "zone": zone}
    with connection.cursor() as cursor:
        cursor.execute(CHANGED, values)
        return list(cursor.fetchall())


def _at_end_of(
    day: date, changed: Sequence[Changed], now: Mapping[str, int]
) -> DailyStatus:
    def later(status: str) -> int:
        return sum(n for _, last, has, n in changed if last > day and has == status)

    created_later = sum(n for created, _, _, n in changed if created > day)
    ready = now.get(Status.PROCESSED, 0) - later(Status.PROCESSED)
    failed = now.get(Status.FAILED, 0) - later(Status.FAILED)
    total = sum(now.values()) - created_later
    return DailyStatus(day, ready, max(total - ready - failed, 0), failed)


def queue() -> Queue:
    """Return the queue of all workspaces. Two statements, one if it is empty."""
    unfinished = Document.objects.filter(status__in=UNFINISHED)
    sums = unfinished.aggregate(
        queued=Count("pk", filter=Q(status=Status.PENDING)),
        processing=Count("pk", filter=~Q(status=Status.PENDING)),
        workers=Count("lease_owner", distinct=True, filter=Q(lease_until__gt=Now())),
        since=Min("created_at"),
        all_chunks=Coalesce(Sum("chunks_count"), 0),
    )
    total = sums.pop("all_chunks")
    extracted = pipeline_status.extracted(unfinished) if total else 0
    blocked_reason = pipeline_status.waiting_reason() if sums["since"] else ""
    return Queue(**sums, chunks=total - extracted, blocked_reason=blocked_reason)
