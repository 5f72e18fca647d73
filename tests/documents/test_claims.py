"""Leases: one worker a document, and none for long that nobody works on."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone

from documents import claims, ingest, tasks
from documents.models import Document, Status, Workspace
from tests.documents.test_ingest import add
from tests.models import FakeModels


def names(documents: list[Document]) -> list[str]:
    return [document.name for document in documents]


def test_a_document_is_claimed_once(workspace: Workspace) -> None:
    add(workspace, name="a")
    add(workspace, name="b")
    assert names(claims.claim(workspace.pk, "first", 1)) == ["a"]
    assert names(claims.claim(workspace.pk, "second", 5)) == ["b"]
    assert claims.claim(workspace.pk, "third", 5) == []


def test_a_lease_that_ran_out_is_anybody_s(workspace: Workspace) -> None:
    add(workspace, name="a")
    claims.claim(workspace.pk, "dead", 1)
    Document.objects.update(lease_until=timezone.now() - timedelta(minutes=1))
    assert claims.workspaces_with_work() == [workspace.pk]
    assert names(claims.claim(workspace.pk, "alive", 1)) == ["a"]


def test_leases_end_with_their_owner(workspace: Workspace) -> None:
    add(workspace, name="a")
    with claims.owner() as name:
        claims.claim(workspace.pk, name, 1)
        assert claims.workspaces_with_work() == []
    assert claims.workspaces_with_work() == [workspace.pk]


def test_finished_documents_are_never_claimed(workspace: Workspace) -> None:
    for status in (Status.PROCESSED, Status.FAILED):
        add(workspace, name=status)
        Document.objects.filter(name=status).update(status=status)
    assert claims.claim(workspace.pk, "me", 5) == []
    assert tasks.sweep() == 0


def test_half_done_work_is_taken_up_where_it_stopped(
    workspace: Workspace, models: FakeModels
) -> None:
    add(workspace)
    ingest.work(workspace.pk)
    bought = models.chat.calls
    Document.objects.update(
        status=Status.PROCESSING,
        lease_owner="dead",
        lease_until=timezone.now() - timedelta(minutes=1),
    )
    ingest.work(workspace.pk)
    assert Document.objects.get().status == Status.PROCESSED
    assert models.chat.calls == bought


def test_a_file_that_keeps_ending_its_worker_is_given_up(
    workspace: Workspace, models: FakeModels
) -> None:
    document = add(workspace)
    Document.objects.update(attempts=5)
    ingest.work(workspace.pk)
    document.refresh_from_db()
    assert document.status == Status.FAILED
    assert "5 times" in document.error_msg
