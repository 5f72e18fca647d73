"""Workspaces made, renamed and deleted, with their files, also while they work."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

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
from documents.lifecycle import workspace_lifecycle
from documents.lifecycle.workspace_lifecycle import (
    ServerWorkspace,
    SharedFolder,
    WorkspaceExists,
)
from documents.models import Chunk, Document, PipelineEvent, Status, Workspace
from documents.pipeline import pending_chunks, pipeline
from documents.pipeline.steps import embed
from documents.pipeline.steps.embed import EmbedJob
from documents.workspaces import lookup
from documents.workspaces.lookup import UnknownWorkspace
from graph.age import consistency
from graph.models import Entity, StagedChunk
from graph.queries import subgraph
from retrieval.llm.testing.fake import FakeChat
from tests.models import FakeModels

T = TypeVar("T")
TEXT = b"Livingstone travelled to Zanzibar. Zanzibar traded with Livingstone."


@pytest.fixture
def other(inputs: Path, models: FakeModels, db: None) -> Workspace:
    """A workspace with a document that has been read, and one that waits."""
    made = workspace_lifecycle.create("other")
    add(made, "read.txt")
    pipeline.work(made.pk)
    add(made, "waits.txt", b"Something else altogether.")
    return made


def add(workspace: Workspace, name: str, content: bytes = TEXT) -> Document:
    return uploads.accept_file(workspace, name, [content], track_id="t").document


def test_a_name_is_taken_once(other: Workspace) -> None:
    with pytest.raises(WorkspaceExists):
        workspace_lifecycle.create("other")


def test_a_renamed_workspace_keeps_everything_and_its_files_move_along(
    other: Workspace, inputs: Path
) -> None:
    before = subgraph.labels(other.pk)
    workspace_lifecycle.rename(other, "another")
    assert not (inputs / "other").exists()
    assert (inputs / "another" / "__parsed__" / "read.txt").is_file()
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


def test_a_scan_after_it_finds_nothing_new(other: Workspace, inputs: Path) -> None:
    renamed = workspace_lifecycle.rename(other, "another")
    report = scan.scan(renamed, track_id="t")
    assert (report.queued, report.known) == (0, ("waits.txt",))


def test_nothing_of_another_is_touched(other: Workspace, inputs: Path) -> None:
    third = workspace_lifecycle.create("otherwise")
    kept = add(third, "kept.txt")
    workspace_lifecycle.rename(other, "another")
    workspace_lifecycle.delete(other)
    kept.refresh_from_db()
    assert kept.source_path == "otherwise/kept.txt"
    assert file_storage.path_of(kept).read_bytes() == TEXT


def test_a_name_or_a_folder_that_is_taken_is_refused_and_nothing_moves(
    other: Workspace, inputs: Path
) -> None:
    workspace_lifecycle.create("third")
    with pytest.raises(WorkspaceExists):
        workspace_lifecycle.rename(other, "third")
    (inputs / "strange").mkdir()
    (inputs / "strange" / "file.txt").write_text("x")
    with pytest.raises(NameTaken):
        workspace_lifecycle.rename(other, "strange")
    other.refresh_from_db()
    assert other.name == "other"
    assert (inputs / "other" / "waits.txt").is_file()


def test_the_server_s_own_and_the_shared_folder_stay(
    other: Workspace, settings: Settings
) -> None:
    own = lookup.ensure("")
    for change in (
        lambda: workspace_lifecycle.rename(own, "third"),
        lambda: workspace_lifecycle.delete(own),
    ):
        with pytest.raises(ServerWorkspace, match="neither renamed nor deleted"):
            change()
    server = replace(site.LIGHTRAG.server, workspace="other")
    settings.LIGHTRAG = replace(site.LIGHTRAG, server=server)
    with pytest.raises(SharedFolder):
        workspace_lifecycle.rename(own, "third")
    workspace_lifecycle.delete(own)


def test_a_deleted_workspace_takes_all_along(other: Workspace, inputs: Path) -> None:
    workspace_lifecycle.delete(other)
    for model in (Document, Chunk, Entity):
        assert not model._default_manager.filter(workspace=other.pk).exists()
    assert not (inputs / "other").exists()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_class WHERE relname = %s",
            [f"search_chunk_{other.pk}"],
        )
        assert cursor.fetchone() == (0,)


def test_its_files_may_stay(other: Workspace, inputs: Path) -> None:
    workspace_lifecycle.delete(other, delete_files=False)
    assert (inputs / "other" / "waits.txt").is_file()


def test_who_looked_it_up_before_adds_nothing_to_it(
    other: Workspace, inputs: Path
) -> None:
    stale = lookup.get("other")
    workspace_lifecycle.rename(other, "another")
    for late in (
        lambda: add(stale, "late.txt"),
        lambda: uploads.accept_texts(stale, [TextItem("late")], track_id="t"),
    ):
        with pytest.raises(UnknownWorkspace):
            late()
    assert not (inputs / "other" / "late.txt").exists()
    workspace_lifecycle.delete(other)
    with pytest.raises(UnknownWorkspace):
        workspace_lifecycle.delete(other)


@pytest.fixture
def at_work(
    committed_workspace: Workspace, settings: Settings
) -> Iterator[Future[int]]:
    """A worker that waits for a model; what goes wrong in it is raised at its join."""
    chat = FakeChat(latency=0.5)
    settings.LIGHTRAG = FakeModels(chat=chat).configure(settings.LIGHTRAG)
    for number in range(3):
        add(committed_workspace, f"{number}.txt", TEXT + str(number).encode())
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(work_and_close, committed_workspace.pk)
        while not chat.calls:
            time.sleep(0.01)
        yield working


def work_and_close(workspace_id: int) -> int:
    try:
        return pipeline.work(workspace_id)
    finally:
        connection.close()


def test_it_can_be_deleted_while_its_documents_are_processed(
    committed_workspace: Workspace, at_work: Future[int]
) -> None:
    workspace_lifecycle.delete(committed_workspace)
    at_work.result(timeout=30)
    for model in (Workspace, Document, Chunk, Entity, PipelineEvent):
        rows = model._default_manager.all()
        mine = rows.filter(
            **{"pk" if model is Workspace else "workspace": committed_workspace.pk}
        )
        assert not mine.exists()


WAITS_FOR_ME = """
SELECT EXISTS (
    SELECT FROM pg_locks
    WHERE NOT granted AND pg_backend_pid() = ANY(pg_blocking_pids(pid)))
"""


def test_a_vector_that_comes_while_it_is_deleted_holds_nothing_that_this_needs(
    committed_workspace: Workspace,
) -> None:
    document = add(committed_workspace, "late.txt")
    chunk = Chunk.objects.create(
        workspace=committed_workspace, document=document, order=0, tokens=1
    )
    to_do = pending_chunks.load([document.pk])[document.pk]
    (job,) = embed.jobs(committed_workspace.pk, to_do, "fake:hash")
    with ThreadPoolExecutor(1) as pool, transaction.atomic():
        Workspace.objects.select_for_update().get(pk=committed_workspace.pk)
        chunk.delete()
        storing = pool.submit(store_and_close, job)
        with connection.cursor() as cursor:
            while not storing.done() and not waits_for_me(cursor):
                time.sleep(0.01)
            cursor.execute("LOCK TABLE documents_chunk IN ACCESS EXCLUSIVE MODE")
    storing.result(timeout=30)
    assert not StagedChunk.objects.exists()


def test_a_workspace_is_made_while_others_are_asked_and_written_to(
    committed_workspace: Workspace,
) -> None:
    with (
        ThreadPoolExecutor(1) as pool,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SELECT FROM search_entity")
        making = pool.submit(and_close, workspace_lifecycle.create, "made")
        while not making.done() and not waits_for_me(cursor):
            time.sleep(0.01)
        cursor.execute("SELECT FROM search_chunk")
        cursor.execute("LOCK TABLE graph_entity IN ROW EXCLUSIVE MODE")
    made = making.result(timeout=30)
    workspace_lifecycle.delete(made)


def test_one_is_deleted_while_another_is(committed_workspace: Workspace) -> None:
    made = workspace_lifecycle.create("goes")
    add(made, "read.txt")
    with (
        ThreadPoolExecutor(1) as pool,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM search_chunk WHERE false")
        going = pool.submit(and_close, workspace_lifecycle.delete, made)
        while not going.done() and not waits_for_me(cursor):
            time.sleep(0.01)
        cursor.execute("LOCK TABLE ONLY search_chunk IN ACCESS EXCLUSIVE MODE")
    going.result(timeout=30)
    assert not Workspace.objects.filter(name="goes").exists()


def and_close(act: Callable[[Any], T], on: Any) -> T:
    try:
        return act(on)
    finally:
        connection.close()


def store_and_close(job: EmbedJob) -> None:
    try:
        job.store([(job, np.ones((1, 64), np.float32))])
    finally:
        connection.close()


def waits_for_me(cursor: CursorWrapper) -> bool:
    cursor.execute(WAITS_FOR_ME)
    return bool(cursor.fetchone()[0])


def test_it_can_be_renamed_while_its_documents_are_processed(
    committed_workspace: Workspace, at_work: Future[int], inputs: Path
) -> None:
    workspace_lifecycle.rename(committed_workspace, "elsewhere")
    at_work.result(timeout=30)
    pipeline.work(committed_workspace.pk)
    documents = Document.objects.filter(workspace=committed_workspace)
    assert {row.status for row in documents} == {Status.PROCESSED}
    assert subgraph.labels(committed_workspace.pk)


def test_a_file_that_moved_before_it_was_read_is_read_where_it_is(
    committed_workspace: Workspace, models: FakeModels
) -> None:
    document = add(committed_workspace, "a.txt")
    workspace_lifecycle.rename(committed_workspace, "elsewhere")
    pipeline.fail_to_parse(document, MissingFile())
    pipeline.work(committed_workspace.pk)
    document.refresh_from_db()
    assert document.status == Status.PROCESSED
