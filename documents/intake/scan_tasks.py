"""Scans of the input folder that a worker does, and what became of them.

A job's state are its lines in the workspace's history, so every process can tell it.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Literal

from celery import shared_task
from django.utils import timezone
from kombu.exceptions import OperationalError

from documents.intake import scan, track_ids
from documents.intake.scan import ScanReport
from documents.models import PipelineEvent, Workspace
from documents.workspaces import event_log

logger = logging.getLogger(__name__)

State = Literal["running", "completed", "failed", "abandoned"]
GIVEN_UP_AFTER = timedelta(hours=1)
"""A scan that says nothing for so long has lost its worker."""
COUNT = re.compile(r"(\d+) (\w+)")
LINE = re.compile(r"Scan (?P<track_id>scan_\w+): (?P<words>.*)")


class UnknownScan(LookupError):
    """There was no such scan."""


@dataclass(frozen=True, slots=True)
class ScanJob:
    """A scan; `counts` are files by what became of them, once it is completed."""

    track_id: str
    state: State
    counts: dict[str, int]
    message: str
    started: datetime
    updated: datetime
    lines: int


def start(workspace: Workspace) -> str:
    """Have a worker scan the workspace's folder; without a broker it is done here.

    Returns the track id of what it will find.
    """
    track_id = track_ids.make("scan")
    tell(workspace.pk, track_id, "started")
    try:
        run.apply_async((workspace.pk, track_id), retry=False)
    except OperationalError as error:
        logger.warning("No broker to call a worker with: %s", error)
        run(workspace.pk, track_id)
    return track_id


@shared_task(name="documents.intake.scan_tasks.run")
def run(workspace_id: int, track_id: str) -> None:
    """Scan, and tell what was found."""
    try:
        report = scan.scan(Workspace.objects.get(pk=workspace_id), track_id=track_id)
    except OSError as error:
        tell(workspace_id, track_id, f"failed: {error}")
    else:
        tell(workspace_id, track_id, f"completed: {counted(report)}")


def counted(report: ScanReport) -> str:
    """`3 new, 0 replaced, …`: every kind, so that the line can be read back."""
    return ", ".join(
        f"{len(getattr(report, field.name))} {field.name}" for field in fields(report)
    )


def tell(workspace_id: int, track_id: str, words: str) -> None:
    """Add a line about the scan to the workspace's history."""
    event_log.record_workspace(workspace_id, f"Scan {track_id}: {words}")


def find(workspace: Workspace, track_id: str) -> ScanJob:
    """The scan as far as it has come; raises UnknownScan."""
    prefix = f"Scan {track_id}: "
    lines = list(
        PipelineEvent.objects.filter(
            workspace=workspace, document=None, message__startswith=prefix
        ).order_by("id")
    )
    if not lines:
        raise UnknownScan(f"No scan job found for track_id {track_id}")
    words = lines[-1].message.removeprefix(prefix)
    return ScanJob(
        track_id=track_id,
        state=state(words, lines[-1].created_at),
        counts={kind: int(number) for number, kind in COUNT.findall(words)},
        message=words,
        started=lines[0].created_at,
        updated=lines[-1].created_at,
        lines=len(lines),
    )


def any_running(workspace: Workspace) -> bool:
    """Whether the folder is being scanned; one query of the last hour's lines."""
    lines = PipelineEvent.objects.filter(
        workspace=workspace,
        document=None,
        created_at__gte=timezone.now() - GIVEN_UP_AFTER,
        message__startswith="Scan ",
    )
    return is_running(lines.order_by("id").values_list("message", flat=True))


def is_running(history: Iterable[str]) -> bool:
    """Whether these lines of a workspace's history leave a scan unfinished."""
    begun: set[str] = set()
    for line in filter(None, map(LINE.fullmatch, history)):
        if line["words"] == "started":
            begun.add(line["track_id"])
        else:
            begun.discard(line["track_id"])
    return bool(begun)


def state(words: str, since: datetime) -> State:
    """What the last line says, unless it says nothing for too long."""
    if words.startswith("completed"):
        return "completed"
    if words.startswith("failed"):
        return "failed"
    return "abandoned" if timezone.now() - since > GIVEN_UP_AFTER else "running"
