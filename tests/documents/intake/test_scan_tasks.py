"""Tests of documents.intake.scan_tasks."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from django.utils import timezone

from documents.intake import scan_tasks
from documents.intake.scan_tasks import UnknownScan
from documents.models import PipelineEvent, Workspace
from documents.queries import pipeline_status


def test_a_scan_is_running_until_its_result_is_recorded(
    workspace: Workspace,
) -> None:
    track_id = scan_tasks.start(workspace)
    assert scan_tasks.get(workspace, track_id).state == "running"
    scan_tasks.run(workspace.pk, track_id)
    job = scan_tasks.get(workspace, track_id)
    assert (job.state, job.events) == ("completed", 2)
    assert set(job.counts) >= {"new", "changed", "duplicate", "unsupported"}


def test_a_scan_without_a_result_for_an_hour_is_abandoned(workspace: Workspace) -> None:
    track_id = scan_tasks.start(workspace)
    long_ago = timezone.now() - timedelta(hours=2)
    PipelineEvent.objects.update(created_at=long_ago)
    assert scan_tasks.get(workspace, track_id).state == "abandoned"


def test_a_scan_of_another_workspace_is_unknown(workspace: Workspace) -> None:
    other = Workspace.objects.create(
        name="other", embedding_model="fake:hash", embedding_dimensions=64
    )
    track_id = scan_tasks.start(workspace)
    with pytest.raises(UnknownScan):
        scan_tasks.get(other, track_id)


def test_a_folder_that_cannot_be_read_fails_the_scan(
    workspace: Workspace, folder: Path
) -> None:
    folder.rmdir()
    folder.write_text("not a folder")
    track_id = scan_tasks.start(workspace)
    scan_tasks.run(workspace.pk, track_id)
    job = scan_tasks.get(workspace, track_id)
    assert (job.state, job.counts) == ("failed", {})


def test_the_workspace_is_scanned_until_its_last_scan_ends(
    workspace: Workspace,
) -> None:
    first, second = scan_tasks.start(workspace), scan_tasks.start(workspace)
    scan_tasks.run(workspace.pk, first)
    assert scan_tasks.is_scanning(workspace)
    assert scan_tasks.any_running(pipeline_status.recent_events(workspace))
    scan_tasks.run(workspace.pk, second)
    assert not scan_tasks.is_scanning(workspace)
    assert not scan_tasks.any_running(pipeline_status.recent_events(workspace))
