"""Refresh of the vectors that deletions and edits have made stale."""

from __future__ import annotations

from dataclasses import replace

from pytest_django.fixtures import Settings

from documents.lifecycle import document_deletion
from documents.models import Document, Status, Workspace
from documents.pipeline import pipeline, tasks
from graph.curation import edit
from graph.curation.edit import EntityChanges
from tests.documents.pipeline.test_pipeline import add, missing_vectors
from tests.models import FakeModels


def test_an_edit_is_embedded_without_a_notification(
    workspace: Workspace, models: FakeModels
) -> None:
    add(workspace)
    pipeline.work(workspace.pk)
    changes = EntityChanges(description="A metal that glows.")
    edit.edit_entity(workspace.pk, "Radium", changes)
    workspace.refresh_from_db()
    assert workspace.stale_since
    assert tasks.sweep()
    pipeline.work()
    assert missing_vectors(workspace) == 0
    workspace.refresh_from_db()
    assert workspace.stale_since is None
    assert not tasks.sweep()


def test_an_edit_is_embedded_although_the_budget_is_spent(
    workspace: Workspace, models: FakeModels, settings: Settings
) -> None:
    add(workspace)
    pipeline.work(workspace.pk)
    changes = EntityChanges(description="A metal that glows.")
    edit.edit_entity(workspace.pk, "Radium", changes)
    waiting = add(workspace, "Ada met Bob.", "waiting.txt")
    limited = replace(settings.LIGHTRAG.ingest, daily_token_budget=1)
    settings.LIGHTRAG = replace(settings.LIGHTRAG, ingest=limited)
    assert pipeline.work(workspace.pk) == 0
    assert missing_vectors(workspace) == 0
    workspace.refresh_from_db()
    assert workspace.stale_since is None
    assert Document.objects.get(pk=waiting.pk).status == Status.PENDING


def test_adding_a_document_leaves_no_stale_vectors(
    workspace: Workspace, models: FakeModels
) -> None:
    add(workspace)
    pipeline.work(workspace.pk)
    workspace.refresh_from_db()
    assert workspace.stale_since is None
    assert not tasks.sweep()


def test_a_deletion_marks_the_workspace_as_stale(
    workspace: Workspace, models: FakeModels
) -> None:
    document = add(workspace)
    pipeline.work(workspace.pk)
    document_deletion.delete_documents(workspace, [document.public_id])
    workspace.refresh_from_db()
    assert workspace.stale_since
