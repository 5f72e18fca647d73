"""Scans as jobs: what they tell, whichever process is asked."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from documents.intake import scan_tasks
from documents.intake.scan_tasks import UnknownScan
from documents.models import PipelineEvent, Workspace
from documents.queries import pipeline_status


def test_a_scan_runs_until_its_worker_tells_what_it_found(
    workspace: Workspace,
) -> None:
    track_id = scan_tasks.start(workspace)
    assert scan_tasks.find(workspace, track_id).state == "running"
    scan_tasks.run(workspace.pk, track_id)
    job = scan_tasks.find(workspace, track_id)
    assert (job.state, job.lines) == ("completed", 2)
    assert set(job.counts) >= {"new", "changed", "duplicate", "unsupported"}


def test_a_scan_whose_worker_is_gone_is_abandoned(workspace: Workspace) -> None:
    track_id = scan_tasks.start(workspace)
    long_ago = timezone.now() - timedelta(hours=2)
    PipelineEvent.objects.update(created_at=long_ago)
    assert scan_tasks.find(workspace, track_id).state == "abandoned"


def test_a_scan_of_another_workspace_is_unknown(workspace: Workspace) -> None:
    other = Workspace.objects.create(
        name="other", embedding_model="fake:hash", embedding_dimensions=64
    )
    track_id = scan_tasks.start(workspace)
    with pytest.raises(UnknownScan):
        scan_tasks.find(other, track_id)


def test_the_history_tells_whether_a_scan_is_running(workspace: Workspace) -> None:
    first, second = scan_tasks.start(workspace), scan_tasks.start(workspace)
    scan_tasks.run(workspace.pk, first)
    assert scan_tasks.is_running(pipeline_status.history(workspace))
    scan_tasks.run(workspace.pk, second)
    assert not scan_tasks.is_running(pipeline_status.history(workspace))
