"""What concerns one document or one workspace does not end the run of the others."""

from __future__ import annotations

import asyncio
import threading

import pytest
from django.db import DataError, OperationalError
from pytest_django.fixtures import Settings

from documents.errors import MissingFile
from documents.models import Document, Status, Workspace
from documents.pipeline import leases, pipeline, run_steps
from documents.pipeline.steps import embed_graph
from documents.pipeline.steps.parse import ParseJob
from documents.pipeline.steps.store_parsed import ParsedChunks
from graph.curation import duplicates
from graph.models import ChunkExtraction
from retrieval.llm.base import ChatRequest, Completion
from retrieval.llm.testing.fake import FakeChat
from tests.documents.pipeline.test_pipeline import add
from tests.models import FakeModels
from tests.waiting import wait_until


def test_an_unexpected_error_fails_its_document_and_no_other(
    workspace: Workspace, models: FakeModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, healthy = add(workspace, "Ada met Bob.", "bad.txt"), add(workspace)
    prepare = run_steps.prepare

    def prepare_all_but_one(document_ids: list[int]) -> object:
        if bad.pk in document_ids:
            raise DataError("unsupported Unicode escape sequence")
        return prepare(document_ids)

    monkeypatch.setattr(run_steps, "prepare", prepare_all_but_one)
    pipeline.work(workspace.pk)
    bad.refresh_from_db()
    healthy.refresh_from_db()
    assert (bad.status, bad.lease_owner) == (Status.FAILED, "")
    assert "Unicode" in bad.error_msg
    assert healthy.status == Status.PROCESSED


def test_a_document_whose_file_was_moved_is_processed_by_the_same_run(
    workspace: Workspace, models: FakeModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = add(workspace)
    run, fail_to_parse = ParseJob.run, run_steps.fail_to_parse

    async def parse_where_it_is(job: ParseJob) -> ParsedChunks:
        if job.document.source_path != "new/curie.txt":
            raise MissingFile
        return await run(job)

    def fail_after_move(document: Document, error: Exception) -> None:
        Document.objects.update(source_path="new/curie.txt")
        fail_to_parse(document, error)

    monkeypatch.setattr(ParseJob, "run", parse_where_it_is)
    monkeypatch.setattr(run_steps, "fail_to_parse", fail_after_move)
    pipeline.work(workspace.pk)
    document.refresh_from_db()
    assert document.status == Status.PROCESSED


class GatedChat(FakeChat):
    """Answers once `gate` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = threading.Event()

    async def complete(self, request: ChatRequest) -> Completion:
        completion = await super().complete(request)
        while not self.gate.is_set():
            await asyncio.sleep(0.01)
        return completion


def test_running_calls_are_stored_when_the_database_is_lost_while_work_is_shared(
    workspace: Workspace, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = GatedChat()
    settings.LIGHTRAG = FakeModels(chat).configure(settings.LIGHTRAG)
    add(workspace)
    monkeypatch.setattr(pipeline, "CHECK_SECONDS", 3600.0)
    lost = list[int]()
    stale = embed_graph.stale_workspaces

    def lose_the_database() -> list[int]:
        wait_until(lambda: chat.calls > 0)
        lost.append(1)
        monkeypatch.setattr(pipeline, "CHECK_SECONDS", 0.0)
        raise OperationalError("the connection is lost")

    def answer_at_the_next_check(only: int | None) -> object:
        if lost:
            chat.gate.set()
        return stale(only)

    monkeypatch.setattr(leases, "has_work", lose_the_database)
    monkeypatch.setattr(embed_graph, "stale_workspaces", answer_at_the_next_check)
    with pytest.raises(OperationalError, match="lost"):
        pipeline.work(workspace.pk, notify_others=lambda: None)
    assert ChunkExtraction.objects.count() == chat.calls == 1


def test_other_workers_are_notified_outside_the_event_loop(
    workspace: Workspace, models: FakeModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(workspace)
    monkeypatch.setattr(leases, "has_work", lambda: True)
    threads = list[threading.Thread]()
    pipeline.work(
        workspace.pk,
        notify_others=lambda: threads.append(threading.current_thread()),
    )
    assert threads == [threading.current_thread()]


def test_a_workspace_that_cannot_be_embedded_is_not_tried_with_each_check(
    workspace: Workspace, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = GatedChat()
    settings.LIGHTRAG = FakeModels(chat).configure(settings.LIGHTRAG)
    add(workspace)
    Workspace.objects.update(stale_since="2026-01-01T00:00:00Z")
    monkeypatch.setattr(pipeline, "CHECK_SECONDS", 0.0)
    attempts, checks = list[int](), list[int]()
    stale = embed_graph.stale_workspaces

    def stale_until_checked_often(only: int | None) -> object:
        checks.append(1)
        if len(checks) > 5:
            chat.gate.set()
        return stale(only)

    def fail(self: object) -> None:
        attempts.append(1)
        raise ValueError("no vector")

    monkeypatch.setattr(embed_graph, "stale_workspaces", stale_until_checked_often)
    monkeypatch.setattr(embed_graph.StaleWorkspace, "jobs", fail)
    pipeline.work(workspace.pk)
    assert Document.objects.get().status == Status.PROCESSED
    assert len(attempts) == 1


def test_an_error_while_duplicates_are_merged_does_not_fail_the_run(
    workspace: Workspace, models: FakeModels, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(workspace)

    def fail(workspace_id: int) -> bool:
        raise ValueError("deleted meanwhile")

    monkeypatch.setattr(duplicates, "apply_configured", fail)
    assert pipeline.work(workspace.pk) == 1
    assert Document.objects.get().status == Status.PROCESSED
