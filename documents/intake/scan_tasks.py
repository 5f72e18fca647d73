"""Scans of the input folder that a worker runs, and their state.

The state of a scan is read from its events, so every process sees the same.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Literal

from celery import shared_task
from django.db.models import QuerySet
from django.utils import timezone
from kombu.exceptions import OperationalError

from documents.intake import new_documents, scan
from documents.intake.scan import ScanReport
from documents.models import SCAN_KINDS, EventKind, PipelineEvent, Workspace
from documents.workspaces import event_log

logger = logging.getLogger(__name__)

State = Literal["running", "completed", "failed", "abandoned"]
ABANDONED_AFTER = timedelta(hours=1)
"""Age of the last event after which the worker of a scan is considered dead."""


class UnknownScan(LookupError):
    """Scan job not found."""


@dataclass(frozen=True, slots=True)
class ScanJob:
    """A scan; `counts` holds the number of files by outcome, once it is completed."""

    track_id: str
    state: State
    counts: dict[str, int]
    message: str
    started: datetime
    updated: datetime
    events: int


def start(workspace: Workspace) -> str:
    """Queue a scan of the workspace's folder and return its track id.

    Without a broker the scan runs here.
    """
    track_id = new_documents.track_id("scan")
    _record(workspace.pk, EventKind.SCAN_STARTED, track_id, "started")
    try:
        run.apply_async((workspace.pk, track_id), retry=False)
    except OperationalError as error:
        logger.warning(
            "The scan runs in this process, because the broker failed: %s", error
        )
        run(workspace.pk, track_id)
    return track_id


@shared_task(name="documents.intake.scan_tasks.run")
def run(workspace_id: int, track_id: str) -> None:
    """Scan, and record the result as an event."""
    try:
        report = scan.scan(Workspace.objects.get(pk=workspace_id), track_id=track_id)
    except OSError as error:
        words = f"failed: {error}"
        _record(workspace_id, EventKind.SCAN_FAILED, track_id, words, error=str(error))
    else:
        counts = count_files(report)
        words = "completed: " + ", ".join(f"{n} {kind}" for kind, n in counts.items())
        _record(workspace_id, EventKind.SCAN_COMPLETED, track_id, words, counts=counts)


def count_files(report: ScanReport) -> dict[str, int]:
    """Return the number of files by outcome, zeros included."""
    return {field.name: len(getattr(report, field.name)) for field in fields(report)}


def get(workspace: Workspace, track_id: str) -> ScanJob:
    """Return the scan with its current state; raise UnknownScan."""
    events = list(
        _scan_events(workspace).filter(data__track_id=track_id).order_by("id")
    )
    if not events:
        raise UnknownScan(f"No scan job found for track_id {track_id}")
    last = events[-1]
    return ScanJob(
        track_id=track_id,
        state=_state(last),
        counts=last.data.get("counts", {}),
        message=last.message,
        started=events[0].created_at,
        updated=last.created_at,
        events=len(events),
    )


def is_scanning(workspace: Workspace) -> bool:
    """Return whether a scan of the workspace's folder is running. One query."""
    since = timezone.now() - ABANDONED_AFTER
    return any_running(_scan_events(workspace).filter(created_at__gte=since))


def any_running(events: Iterable[PipelineEvent]) -> bool:
    """Return whether these events of a workspace include a scan that has not ended."""
    since = timezone.now() - ABANDONED_AFTER
    started, ended = set[str](), set[str]()
    for event in events:
        if event.kind in SCAN_KINDS and event.created_at >= since:
            is_start = event.kind == EventKind.SCAN_STARTED
            (started if is_start else ended).add(event.data["track_id"])
    return bool(started - ended)


def _record(
    workspace_id: int,
    kind: EventKind,
    track_id: str,
    words: str,
    **data: str | dict[str, int],
) -> None:
    message = f"Scan {track_id}: {words}"
    event_log.record_workspace(workspace_id, kind, message, track_id=track_id, **data)


def _scan_events(workspace: Workspace) -> QuerySet[PipelineEvent]:
    return PipelineEvent.objects.filter(workspace=workspace, kind__in=SCAN_KINDS)


def _state(last: PipelineEvent) -> State:
    if last.kind == EventKind.SCAN_COMPLETED:
        return "completed"
    if last.kind == EventKind.SCAN_FAILED:
        return "failed"
    is_late = timezone.now() - last.created_at > ABANDONED_AFTER
    return "abandoned" if is_late else "running"
