"""Creation, renaming and deletion of workspaces, also while they are in use."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from django.conf import settings as site
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from pytest_django.fixtures import Settings

from documents.errors import MissingFile, NameTaken
from documents.files import file_storage
from documents.intake import scan, uploads
from documents.intake.uploads import TextItem
from documents.lifecycle import workspace_lifecycle, workspace_removal
from documents.lifecycle.workspace_lifecycle import (
    ServerWorkspace,
    SharedFolder,
    WorkspaceExists,
)
from documents.models import Chunk, Document, PipelineEvent, Status, Workspace
from documents.pipeline import leases, maintenance, pipeline, run_steps
from documents.pipeline.steps import chunk_rows, embed
from documents.pipeline.steps.embed import EmbedJob
from documents.workspaces import lookup
from documents.workspaces.lookup import UnknownWorkspace
from graph.age import consistency
from graph.models import Entity, StagedChunk
from graph.queries import subgraph
from retrieval.llm.testing.fake import FakeChat
from retrieval.models import SearchIndex
from tests.models import FakeModels
from tests.waiting import wait_until

TEXT = b"Livingstone travelled to Zanzibar. Zanzibar traded with Livingstone."


@pytest.fixture
def other(inputs: Path, models: FakeModels, db: None) -> Workspace:
    """Create a workspace with a processed and a queued document."""
    workspace = workspace_lifecycle.create("other")
    add(workspace, "processed.txt")
    pipeline.work(workspace.pk)
    add(workspace, "queued.txt", b"Another text.")
    return workspace


def add(workspace: Workspace, name: str, content: bytes = TEXT) -> Document:
    return uploads.accept_file(workspace, name, [content], track_id="t").document


def test_two_workspaces_cannot_have_the_same_name(other: Workspace) -> None:
    with pytest.raises(WorkspaceExists):
        workspace_lifecycle.create("other")


def test_renaming_a_workspace_keeps_its_data_and_moves_its_files(
    other: Workspace, inputs: Path
) -> None:
    before = subgraph.labels(other.pk)
    workspace_lifecycle.rename(other, "another")
    assert not (inputs / "other").exists()
    assert (inputs / "another" / "__parsed__" / "processed.txt").is_file()
    assert all(
        file_storage.path_of(document).is_file()
        for document in Document.objects.filter(workspace=other)
    )
    pipeline.work(other.pk)
    assert set(Document.objects.values_list("status", flat=True)) == {"processed"}
    assert set(subgraph.labels(other.pk)) >= set(before)
    assert not consistency.check(other.pk).differences
    with pytest.raises(UnknownWorkspace):
        lookup.get("other")


def test_a_scan_after_renaming_finds_no_new_files(
    other: Workspace, inputs: Path
) -> None:
    renamed = workspace_lifecycle.rename(other, "another")
    report = scan.scan(renamed, track_id="t")
    assert (report.queued, report.known) == (0, ("queued.txt",))


def test_renaming_and_deleting_do_not_affect_other_workspaces(
    other: Workspace, inputs: Path
) -> None:
    third = workspace_lifecycle.create("otherwise")
    document = add(third, "kept.txt")
    workspace_lifecycle.rename(other, "another")
    workspace_lifecycle.delete(other)
    document.refresh_from_db()
    assert document.source_path == "otherwise/kept.txt"
    assert file_storage.path_of(document).read_bytes() == TEXT


def test_renaming_to_a_taken_name_or_folder_is_rejected(
    other: Workspace, inputs: Path
) -> None:
    workspace_lifecycle.create("third")
    with pytest.raises(WorkspaceExists):
        workspace_lifecycle.rename(other, "third")
    (inputs / "unrelated").mkdir()
    (inputs / "unrelated" / "file.txt").write_text("x")
    with pytest.raises(NameTaken):
        workspace_lifecycle.rename(other, "unrelated")
    other.refresh_from_db()
    assert other.name == "other"
    assert (inputs / "other" / "queued.txt").is_file()


def test_the_default_workspace_and_the_shared_folder_cannot_be_changed(
    other: Workspace, settings: Settings
) -> None:
    default = lookup.ensure("")
    for change in (
        lambda: workspace_lifecycle.rename(default, "third"),
        lambda: workspace_lifecycle.delete(default),
    ):
        with pytest.raises(ServerWorkspace, match="neither renamed nor deleted"):
            change()
    server = replace(site.LIGHTRAG.server, workspace="other")
    settings.LIGHTRAG = replace(site.LIGHTRAG, server=server)
    with pytest.raises(SharedFolder):
        workspace_lifecycle.rename(default, "third")
    workspace_lifecycle.delete(default)


def test_deleting_a_workspace_deletes_its_data_and_files(
    other: Workspace, inputs: Path
) -> None:
    index = other.search_index
    workspace_lifecycle.delete(other)
    assert not (inputs / "other").exists()
    maintenance.work(lambda: False)
    for model in (Document, Chunk, Entity, SearchIndex):
        assert not model._default_manager.filter(workspace_id=other.pk).exists()
    assert not Workspace.all_objects.filter(pk=other.pk).exists()
    assert not list(inputs.iterdir())
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM search_chunk WHERE index_id = %s", [index])
        assert cursor.fetchone() == (0,)


def test_a_deleted_workspace_is_invisible_and_its_name_can_be_used_again(
    other: Workspace, inputs: Path
) -> None:
    workspace_lifecycle.delete(other)
    with pytest.raises(UnknownWorkspace):
        lookup.get("other")
    assert leases.claim("me", 5, {}) == []
    assert not leases.has_work()
    again = workspace_lifecycle.create("other")
    add(again, "processed.txt")
    maintenance.work(lambda: False)
    assert (inputs / "other" / "processed.txt").is_file()
    assert Document.objects.filter(workspace=again).count() == 1


def test_a_removal_continues_after_an_interruption(
    other: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workspace_removal, "BATCH_ROWS", 1)
    add(other, "third.txt", b"Baker sailed to Gondokoro.")
    pipeline.work(other.pk)
    workspace_lifecycle.delete(other)
    steps = iter([False, False, True])
    workspace_removal.work(lambda: next(steps))
    assert Workspace.all_objects.filter(pk=other.pk).exists()
    workspace_removal.work(lambda: False)
    assert not Workspace.all_objects.filter(pk=other.pk).exists()


def test_a_workspace_may_be_deleted_without_its_files(
    other: Workspace, inputs: Path
) -> None:
    workspace_lifecycle.delete(other, delete_files=False)
    assert (inputs / "other" / "queued.txt").is_file()


def test_uploads_to_a_workspace_that_was_renamed_are_rejected(
    other: Workspace, inputs: Path
) -> None:
    outdated = lookup.get("other")
    workspace_lifecycle.rename(other, "another")
    for upload in (
        lambda: add(outdated, "late.txt"),
        lambda: uploads.accept_texts(outdated, [TextItem("late")], track_id="t"),
    ):
        with pytest.raises(UnknownWorkspace):
            upload()
    assert not (inputs / "other" / "late.txt").exists()
    workspace_lifecycle.delete(other)
    with pytest.raises(UnknownWorkspace):
        workspace_lifecycle.delete(other)


@pytest.fixture
def running_worker(
    committed_workspace: Workspace, settings: Settings
) -> Iterator[Future[int]]:
    """Run a worker that waits for a model; its result raises the worker's errors."""
    chat = FakeChat(latency=0.5)
    settings.LIGHTRAG = FakeModels(chat=chat).configure(settings.LIGHTRAG)
    for number in range(3):
        add(committed_workspace, f"{number}.txt", TEXT + str(number).encode())
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(work_and_close, committed_workspace.pk)
        wait_until(lambda: chat.calls > 0)
        yield working


def work_and_close(workspace_id: int) -> int:
    try:
        return pipeline.work(workspace_id)
    finally:
        connection.close()


def test_a_workspace_can_be_deleted_while_its_documents_are_processed(
    committed_workspace: Workspace, running_worker: Future[int]
) -> None:
    workspace_lifecycle.delete(committed_workspace)
    running_worker.result(timeout=30)
    maintenance.work(lambda: False)
    for model in (Workspace, Document, Chunk, Entity, PipelineEvent):
        rows = model._base_manager.all()
        remaining = rows.filter(
            **{"pk" if model is Workspace else "workspace": committed_workspace.pk}
        )
        assert not remaining.exists()


BLOCKED_BY_CURSOR = """
SELECT EXISTS (
    SELECT FROM pg_locks
    WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))
"""


def test_storing_a_vector_does_not_block_the_deletion_of_the_workspace(
    committed_workspace: Workspace,
) -> None:
    document = add(committed_workspace, "late.txt")
    chunk = Chunk.objects.create(
        workspace=committed_workspace, document=document, order=0, tokens=1
    )
    chunks = chunk_rows.pending([document.pk])[document.pk]
    (job,) = embed.jobs(committed_workspace.pk, chunks, "fake:hash")
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        Workspace.objects.select_for_update().get(pk=committed_workspace.pk)
        chunk.delete()
        storing = pool.submit(store_and_close, job)
        with connection.cursor() as cursor:
            wait_until(lambda: storing.done() or is_blocking(cursor))
            cursor.execute("LOCK TABLE documents_chunk IN ACCESS EXCLUSIVE MODE")
    storing.result(timeout=30)
    assert not StagedChunk.objects.exists()


def store_and_close(job: EmbedJob) -> None:
    try:
        job.store([(job, np.ones((1, 64), np.float32))])
    finally:
        connection.close()


def is_blocking(cursor: CursorWrapper) -> bool:
    cursor.execute(BLOCKED_BY_CURSOR)
    return bool(cursor.fetchone()[0])


def test_a_workspace_can_be_renamed_while_its_documents_are_processed(
    committed_workspace: Workspace, running_worker: Future[int], inputs: Path
) -> None:
    workspace_lifecycle.rename(committed_workspace, "renamed")
    running_worker.result(timeout=30)
    pipeline.work(committed_workspace.pk)
    documents = Document.objects.filter(workspace=committed_workspace)
    assert {row.status for row in documents} == {Status.PROCESSED}
    assert subgraph.labels(committed_workspace.pk)


def test_a_file_that_moved_before_parsing_is_parsed_at_its_new_path(
    committed_workspace: Workspace, models: FakeModels
) -> None:
    document = add(committed_workspace, "a.txt")
    workspace_lifecycle.rename(committed_workspace, "renamed")
    run_steps.fail_to_parse(document, MissingFile())
    pipeline.work(committed_workspace.pk)
    document.refresh_from_db()
    assert document.status == Status.PROCESSED
