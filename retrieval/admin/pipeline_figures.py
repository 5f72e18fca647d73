"""Documents over time, and the queue now: two statements each, of the recent rows alone."""

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

# What has come or changed since then; each workspace has an index by that time.
CHANGED = """
SELECT (d.created_at AT TIME ZONE %(zone)s)::date,
    (d.updated_at AT TIME ZONE %(zone)s)::date, d.status, count(*)
FROM documents_workspace w CROSS JOIN LATERAL (
    SELECT created_at, updated_at, status FROM documents_document
    WHERE workspace_id = w.id AND updated_at >= %(since)s OFFSET 0) AS d
GROUP BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Standing:
    """How documents stood at the end of a day."""

    day: date
    ready: int
    waiting: int
    failed: int


@dataclass(frozen=True, slots=True)
class Queue:
    """What is still to be done: documents, and the passages nobody was asked about.

    `since`: when the oldest of them came in; `held_up`: why they wait, if they do.
    """

    waiting: int
    running: int
    workers: int
    passages: int
    since: datetime | None
    held_up: str


def standings(days: Sequence[date], now: Mapping[str, int]) -> list[Standing]:
    """At the end of each day, from `now`, today's documents by status; one statement.

    A document counts as ready or failed since it last changed: what it was before that
    is not kept, so one that was tried again counts as waiting until then.
    """
    changed = changes(days[0])
    return [_at_end_of(day, changed, now) for day in days]


Changed = tuple[date, date, str, int]


def changes(since: date) -> list[Changed]:
    """Documents that changed since that day: came on, last changed on, status, number."""
    zone = timezone.get_current_timezone_name()
    values: dict[str, Any] = {"since": since, "zone": zone}
    with connection.cursor() as cursor:
        cursor.execute(CHANGED, values)
        return list(cursor.fetchall())


def _at_end_of(
    day: date, changed: Sequence[Changed], now: Mapping[str, int]
) -> Standing:
    def later(status: str) -> int:
        return sum(n for _, last, has, n in changed if last > day and has == status)

    came_later = sum(n for came, _, _, n in changed if came > day)
    ready = now.get(Status.PROCESSED, 0) - later(Status.PROCESSED)
    failed = now.get(Status.FAILED, 0) - later(Status.FAILED)
    there = sum(now.values()) - came_later
    return Standing(day, ready, max(there - ready - failed, 0), failed)


def queue() -> Queue:
    """Of all workspaces; two statements, one where nothing is to be done."""
    unfinished = Document.objects.filter(status__in=UNFINISHED)
    sums = unfinished.aggregate(
        waiting=Count("pk", filter=Q(status=Status.PENDING)),
        running=Count("pk", filter=~Q(status=Status.PENDING)),
        workers=Count("lease_owner", distinct=True, filter=Q(lease_until__gt=Now())),
        since=Min("created_at"),
        chunks=Coalesce(Sum("chunks_count"), 0),
    )
    chunks = sums.pop("chunks")
    done = pipeline_status.extracted(unfinished) if chunks else 0
    held_up = pipeline_status.held_up() if sums["since"] else ""
    return Queue(**sums, passages=chunks - done, held_up=held_up)
