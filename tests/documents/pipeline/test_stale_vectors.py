"""What deletes and edits leave stale is embedded by the next worker that looks."""

from __future__ import annotations

from documents.lifecycle import deletion
from documents.models import Workspace
from documents.pipeline import pipeline, tasks
from graph.curation import edit
from graph.curation.edit import EntityChanges
from tests.documents.pipeline.test_pipeline import add, stale
from tests.models import FakeModels


def test_an_edit_is_embedded_though_no_message_came(
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
    assert stale(workspace) == 0
    workspace.refresh_from_db()
    assert workspace.stale_since is None
    assert not tasks.sweep()


def test_a_document_that_only_adds_leaves_nothing_to_embed_again(
    workspace: Workspace, models: FakeModels
) -> None:
    add(workspace)
    pipeline.work(workspace.pk)
    workspace.refresh_from_db()
    assert workspace.stale_since is None
    assert not tasks.sweep()


def test_a_delete_is_noted_for_the_workers(
    workspace: Workspace, models: FakeModels
) -> None:
    document = add(workspace)
    pipeline.work(workspace.pk)
    deletion.delete_documents(workspace, [document.public_id])
    workspace.refresh_from_db()
    assert workspace.stale_since
