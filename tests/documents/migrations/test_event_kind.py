"""Tests of migration 0009_event_kind."""

from __future__ import annotations

from importlib import import_module

from django.db import connection

from documents.intake import scan_tasks
from documents.models import PipelineEvent, Workspace
from documents.queries import pipeline_status

migration = import_module("documents.migrations.0009_event_kind")


def add_old_event(workspace: Workspace, message: str) -> None:
    PipelineEvent.objects.create(workspace=workspace, message=message)


def migrate() -> None:
    with connection.cursor() as cursor:
        cursor.execute(migration.DELETIONS)
        cursor.execute(migration.SCANS)


def test_an_old_deletion_is_still_the_last_job(workspace: Workspace) -> None:
    add_old_event(workspace, "Deleted 12 documents: a.txt, b.txt")
    migrate()
    assert pipeline_status.last_job(workspace).name == "Deleting 12 Documents"


def test_an_old_scan_keeps_its_state_and_counts(workspace: Workspace) -> None:
    add_old_event(workspace, "Scan scan_20261122_1_ab: started")
    add_old_event(workspace, "Scan scan_20261122_1_ab: completed: 3 new, 12 known")
    migrate()
    job = scan_tasks.get(workspace, "scan_20261122_1_ab")
    assert (job.state, job.counts) == ("completed", {"new": 3, "known": 12})


def test_an_old_failed_scan_stays_failed(workspace: Workspace) -> None:
    add_old_event(workspace, "Scan scan_20261122_1_ab: failed: 13 errors")
    migrate()
    job = scan_tasks.get(workspace, "scan_20261122_1_ab")
    assert (job.state, job.counts) == ("failed", {})


def test_other_old_events_keep_an_empty_kind(workspace: Workspace) -> None:
    add_old_event(workspace, "Completed processing: Scan scan_1: started")
    migrate()
    assert PipelineEvent.objects.get().kind == ""
    assert pipeline_status.history(workspace) == [
        "Completed processing: Scan scan_1: started"
    ]
