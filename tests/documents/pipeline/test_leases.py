"""Leases: one worker a document, and none for long that nobody works on."""

from __future__ import annotations

from datetime import timedelta

from django.db import connection
from django.utils import timezone

from documents.models import Document, Status, Workspace
from documents.pipeline import leases, pipeline, tasks
from tests.documents.pipeline.test_pipeline import add
from tests.models import FakeModels


def claim(owner: str, share: int = 5, **held: int) -> list[Document]:
    """`held` is by the workspace's name."""
    known = dict(Workspace.objects.values_list("name", "pk"))
    return leases.claim(owner, share, {known[name]: n for name, n in held.items()})


def names(documents: list[Document]) -> list[str]:
    return [document.name for document in documents]


def test_a_document_is_claimed_once(workspace: Workspace) -> None:
    add(workspace, name="a")
    add(workspace, name="b")
    assert names(claim("first", 1)) == ["a"]
    assert names(claim("second")) == ["b"]
    assert claim("third") == []


def test_a_share_is_a_share_whatever_the_plan(workspace: Workspace) -> None:
    for number in range(9):
        add(workspace, name=str(number))
    with connection.cursor() as cursor:  # nested loops, and nothing kept between them
        for name in ("hashjoin", "mergejoin", "hashagg", "sort", "material", "memoize"):
            cursor.execute(f"SET LOCAL enable_{name} = off")
    assert names(claim("me", 2)) == ["0", "1"]


def test_each_workspace_gives_a_share_however_long_its_queue_is(
    workspace: Workspace,
) -> None:
    other = Workspace.objects.create(
        name="other", embedding_model="x", embedding_dimensions=64
    )
    for number in range(9):
        add(workspace, name=f"many{number}")
    add(other, name="one")
    assert names(claim("me", share=2)) == ["many0", "many1", "one"]
    assert names(claim("me", share=4, tests=2, other=1)) == ["many2", "many3"]
    assert claim("me", share=4, tests=4) == []


def test_a_worker_may_keep_to_one_workspace(workspace: Workspace) -> None:
    add(workspace, name="a")
    assert leases.claim("me", 5, {}, only=workspace.pk + 1) == []
    assert names(leases.claim("me", 5, {}, only=workspace.pk)) == ["a"]


def test_a_lease_that_ran_out_is_anybody_s(workspace: Workspace) -> None:
    add(workspace, name="a")
    claim("dead")
    Document.objects.update(lease_until=timezone.now() - timedelta(minutes=1))
    assert leases.workspaces_with_work() == [workspace.pk]
    assert names(claim("alive")) == ["a"]


def test_leases_end_with_their_owner(workspace: Workspace) -> None:
    add(workspace, name="a")
    with leases.owner() as name:
        claim(name)
        assert leases.workspaces_with_work() == []
    assert leases.workspaces_with_work() == [workspace.pk]


def test_a_worker_lists_the_documents_that_its_processes_hold(
    workspace: Workspace,
) -> None:
    add(workspace, name="a")
    add(workspace, name="b")
    claim("celery@one/11#x", 1)
    claim("celery@two/12#y", 1)
    (document,) = leases.held_by("celery@one")
    assert document == {
        "id": "doc-a",
        "name": "a",
        "workspace": "tests",
        "status": "pending",
        "process": "celery@one/11#x",
    }


def test_finished_documents_are_never_claimed(workspace: Workspace) -> None:
    for status in (Status.PROCESSED, Status.FAILED):
        add(workspace, name=status)
        Document.objects.filter(name=status).update(status=status)
    assert claim("me") == []
    assert not tasks.sweep()


def test_half_done_work_is_taken_up_where_it_stopped(
    workspace: Workspace, models: FakeModels
) -> None:
    add(workspace)
    pipeline.work(workspace.pk)
    bought = models.chat.calls
    Document.objects.update(
        status=Status.PROCESSING,
        lease_owner="dead",
        lease_until=timezone.now() - timedelta(minutes=1),
    )
    pipeline.work(workspace.pk)
    assert Document.objects.get().status == Status.PROCESSED
    assert models.chat.calls == bought


def test_a_file_that_keeps_ending_its_worker_is_given_up(
    workspace: Workspace, models: FakeModels
) -> None:
    document = add(workspace)
    Document.objects.update(attempts=5)
    pipeline.work(workspace.pk)
    document.refresh_from_db()
    assert document.status == Status.FAILED
    assert "5 times" in document.error_msg
