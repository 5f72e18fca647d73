"""Document leases: claiming, renewal and expiry."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

from django.db import connection, transaction
from django.utils import timezone

from documents.models import Document, Status, Workspace
from documents.pipeline import leases, pipeline, tasks
from documents.pipeline.steps import merge
from tests.documents.pipeline.test_pipeline import add
from tests.models import FakeModels


def claim(owner: str, share: int = 5, **held: int) -> list[Document]:
    """Claim documents; `held` has the number of held documents by workspace name."""
    ids = dict(Workspace.objects.values_list("name", "pk"))
    return leases.claim(owner, share, {ids[name]: n for name, n in held.items()})


def names(documents: list[Document]) -> list[str]:
    return [document.name for document in documents]


def test_a_document_is_claimed_once(workspace: Workspace) -> None:
    add(workspace, name="a")
    add(workspace, name="b")
    assert names(claim("first", 1)) == ["a"]
    assert names(claim("second")) == ["b"]
    assert claim("third") == []


def test_the_share_does_not_depend_on_the_query_plan(workspace: Workspace) -> None:
    for number in range(9):
        add(workspace, name=str(number))
    with connection.cursor() as cursor:  # force nested loops without materialization
        for name in ("hashjoin", "mergejoin", "hashagg", "sort", "material", "memoize"):
            cursor.execute(f"SET LOCAL enable_{name} = off")
    assert names(claim("me", 2)) == ["0", "1"]


def test_documents_are_claimed_from_each_workspace_up_to_the_share(
    workspace: Workspace,
) -> None:
    other = Workspace.objects.create(
        name="other", embedding_model="x", embedding_dimensions=64
    )
    for number in range(9):
        add(workspace, name=f"many{number}")
    add(other, name="single")
    assert names(claim("me", share=2)) == ["many0", "many1", "single"]
    assert names(claim("me", share=4, tests=2, other=1)) == ["many2", "many3"]
    assert claim("me", share=4, tests=4) == []


def test_workspaces_take_turns_if_there_is_room_for_few_documents(
    workspace: Workspace,
) -> None:
    for number in range(3):
        other = Workspace.objects.create(
            name=f"other{number}", embedding_model="x", embedding_dimensions=64
        )
        for order in range(3):
            add(other, name=f"{number}.{order}")
    claimed: list[str] = []
    after = 0
    for _ in range(6):
        (document,) = leases.claim("me", 5, {}, after=after, room=1)
        after = document.workspace_id
        claimed.append(document.name)
    assert claimed == ["0.0", "1.0", "2.0", "0.1", "1.1", "2.1"]


def test_a_worker_may_be_limited_to_one_workspace(workspace: Workspace) -> None:
    add(workspace, name="a")
    assert leases.claim("me", 5, {}, only=workspace.pk + 1) == []
    assert names(leases.claim("me", 5, {}, only=workspace.pk)) == ["a"]


def test_a_document_with_an_expired_lease_can_be_claimed(workspace: Workspace) -> None:
    add(workspace, name="a")
    claim("dead")
    Document.objects.update(lease_until=timezone.now() - timedelta(minutes=1))
    assert leases.has_work()
    assert names(claim("alive")) == ["a"]


def test_an_expired_lease_counts_as_an_attempt_and_a_released_one_does_not(
    workspace: Workspace,
) -> None:
    add(workspace, name="a")
    with leases.owner() as name:
        claim(name)
    claim("dead")
    assert Document.objects.get().attempts == 0
    Document.objects.update(lease_until=timezone.now() - timedelta(minutes=1))
    claim("alive")
    assert Document.objects.get().attempts == 1


def test_leases_that_no_worker_takes_over_are_stalled(workspace: Workspace) -> None:
    add(workspace, name="a")
    claim("dead")
    Document.objects.update(lease_until=timezone.now() - timedelta(minutes=1))
    assert leases.stalled() == 0
    Document.objects.update(lease_until=timezone.now() - timedelta(minutes=3))
    assert leases.stalled() == 1


HOLDS_THE_INTERPRETER = """
import re, sys, threading
import django; django.setup()
from documents.pipeline import leases
leases.HEARTBEAT_SECONDS, leases.renew = 0.1, lambda name: None
arguments = ("me", threading.Event(), 1)
threading.Thread(target=leases.keep_renewing, args=arguments, daemon=True).start()
threading.Event().wait(1.5)
print("renewed", flush=True)
re.match("(a|aa)+$", "a" * 200 + "b")
"""


def test_a_worker_that_can_not_renew_its_leases_is_ended() -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    process = subprocess.run(
        [sys.executable, "-c", HOLDS_THE_INTERPRETER],
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert process.stdout == "renewed\n"
    assert process.returncode == -signal.SIGALRM


def test_leases_are_released_when_their_owner_stops(workspace: Workspace) -> None:
    add(workspace, name="a")
    with leases.owner() as name:
        claim(name)
        assert not leases.has_work()
    assert leases.has_work()


def test_leases_are_renewed_while_a_merge_locks_one_of_the_documents(
    committed_workspace: Workspace,
) -> None:
    merging, other = (add(committed_workspace, name=name) for name in "ab")
    expired = timezone.now() - timedelta(minutes=1)
    Document.objects.update(lease_owner="me", lease_until=expired)

    def renew() -> None:
        leases.renew("me")
        connection.close()

    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        Document.objects.select_for_update().get(pk=merging.pk)
        pool.submit(renew).result(timeout=10)
    other.refresh_from_db()
    assert other.lease_until
    assert other.lease_until > timezone.now()


def test_a_merge_renews_the_leases_of_its_documents(workspace: Workspace) -> None:
    document = add(workspace)
    expired = timezone.now() - timedelta(minutes=1)
    Document.objects.update(
        status=Status.PROCESSING, lease_owner="me", lease_until=expired
    )
    merge.merge_documents(workspace.pk, "me", [document.pk])
    document.refresh_from_db()
    assert document.lease_until
    assert document.lease_until > timezone.now()


def test_held_by_lists_the_documents_of_a_worker(
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


def test_processing_continues_after_the_last_stored_extraction(
    workspace: Workspace, models: FakeModels
) -> None:
    add(workspace)
    pipeline.work(workspace.pk)
    calls = models.chat.calls
    Document.objects.update(
        status=Status.PROCESSING,
        lease_owner="dead",
        lease_until=timezone.now() - timedelta(minutes=1),
    )
    pipeline.work(workspace.pk)
    assert Document.objects.get().status == Status.PROCESSED
    assert models.chat.calls == calls


def test_a_document_fails_after_too_many_attempts(
    workspace: Workspace, models: FakeModels
) -> None:
    document = add(workspace)
    Document.objects.update(attempts=10)
    pipeline.work(workspace.pk)
    document.refresh_from_db()
    assert document.status == Status.FAILED
    assert "10 times" in document.error_msg
