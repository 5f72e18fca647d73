"""Tests that chunks are found as soon as they are embedded, before the graph is built."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from django.conf import settings as site
from django.db import connection
from pytest_django.fixtures import Settings

from documents.lifecycle import document_deletion, retry_and_cancel
from documents.models import Document, Status, Workspace
from documents.pipeline import pipeline
from graph.models import Entity, StagedChunk
from retrieval.llm.base import ChatRequest, Completion
from retrieval.llm.errors import BadAnswer
from retrieval.llm.testing.fake import FakeChat
from tests.documents.pipeline.test_pipeline import add, searchable_chunks
from tests.models import FakeModels
from tests.waiting import wait_until


class HeldChat(FakeChat):
    """A chat model that answers after `release` is set, or fails then."""

    def __init__(self, error: Exception | None = None) -> None:
        super().__init__()
        self.release = threading.Event()
        self.error = error

    async def complete(self, request: ChatRequest) -> Completion:
        await asyncio.to_thread(self.release.wait, 60)
        if self.error:
            raise self.error
        return await super().complete(request)


def run_until_searchable(
    workspace: Workspace, chat: HeldChat, then: Callable[[], object]
) -> None:
    """Process the workspace; call `then` when chunks are searchable but not yet merged."""

    def in_window() -> None:
        try:
            wait_until(lambda: searchable_chunks(workspace) > 0)
            then()
        finally:
            chat.release.set()
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        window = pool.submit(in_window)
        pipeline.work(workspace.pk)
        window.result()


def test_chunks_are_found_while_the_document_is_processing(
    committed_workspace: Workspace, settings: Settings
) -> None:
    chat = HeldChat()
    settings.LIGHTRAG = FakeModels(chat).configure(site.LIGHTRAG)
    document = add(committed_workspace)
    versions: list[int] = []

    def check() -> None:
        document.refresh_from_db()
        committed_workspace.refresh_from_db()
        versions.append(committed_workspace.version)
        assert document.status == Status.PROCESSING
        assert not Entity.objects.exists()

    before = committed_workspace.version
    run_until_searchable(committed_workspace, chat, check)
    document.refresh_from_db()
    assert document.status == Status.PROCESSED
    assert versions[0] > before  # cached answers are not used any more
    assert searchable_chunks(committed_workspace) == 1
    assert not StagedChunk.objects.exists()


def test_a_cancelled_document_is_not_found_and_keeps_its_vectors(
    committed_workspace: Workspace, settings: Settings
) -> None:
    chat = HeldChat()
    models = FakeModels(chat)
    settings.LIGHTRAG = models.configure(site.LIGHTRAG)
    add(committed_workspace)
    run_until_searchable(
        committed_workspace, chat, lambda: retry_and_cancel.cancel(committed_workspace)
    )
    assert searchable_chunks(committed_workspace) == 0
    assert StagedChunk.objects.exclude(vector=None).count() == 1
    retry_and_cancel.retry_failed(committed_workspace)
    pipeline.work(committed_workspace.pk)
    assert Document.objects.get().status == Status.PROCESSED
    assert searchable_chunks(committed_workspace) == 1


def test_a_deleted_document_leaves_no_row(
    committed_workspace: Workspace, settings: Settings
) -> None:
    chat = HeldChat()
    settings.LIGHTRAG = FakeModels(chat).configure(site.LIGHTRAG)
    document = add(committed_workspace)
    run_until_searchable(
        committed_workspace,
        chat,
        lambda: document_deletion.delete_documents(
            committed_workspace, [document.public_id]
        ),
    )
    assert searchable_chunks(committed_workspace) == 0
    assert not StagedChunk.objects.exists()
    assert not Document.objects.exists()


def test_a_failed_document_is_not_found(
    committed_workspace: Workspace, settings: Settings
) -> None:
    chat = HeldChat(BadAnswer("no JSON"))
    settings.LIGHTRAG = FakeModels(chat).configure(site.LIGHTRAG)
    add(committed_workspace)
    run_until_searchable(committed_workspace, chat, lambda: None)
    assert Document.objects.get().status == Status.FAILED
    assert searchable_chunks(committed_workspace) == 0
