"""The write path with fake models: the resulting rows, and errors of all steps."""

from __future__ import annotations

import asyncio
import json
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.conf import settings as site
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from documents.lifecycle import document_deletion, retry_and_cancel
from documents.models import Chunk, Document, Status, Workspace
from documents.pipeline import pipeline
from graph.models import ChunkExtraction, Entity, EntityMention, Relation, StagedChunk
from retrieval.index import tables
from retrieval.llm.base import ChatRequest, Completion
from retrieval.llm.errors import BadAnswer, ProviderDown
from retrieval.llm.testing.fake import FakeChat
from retrieval.llm.usage.models import LLMCache
from tests.documents.conftest import add_text
from tests.models import FakeModels
from tests.waiting import wait_until

TEXT = "Marie Curie discovered Radium in Paris. Pierre Curie worked with Marie Curie."


def add(workspace: Workspace, text: str = TEXT, name: str = "curie.txt") -> Document:
    return add_text(workspace, name, text)


def searchable_chunks(workspace: Workspace) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM search_chunk WHERE index_id = %s",
            [tables.index_of(workspace.pk)],
        )
        return int(cursor.fetchone()[0])


def missing_vectors(workspace: Workspace) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (SELECT count(*) FROM graph_entity) + (SELECT count(*) FROM"
            " graph_relation) - (SELECT count(*) FROM search_entity WHERE vector IS NOT"
            " NULL) - (SELECT count(*) FROM search_relation WHERE vector IS NOT NULL)"
        )
        return int(cursor.fetchone()[0])


def long_text(paragraphs: int) -> str:
    return "\n\n".join(
        f"Person{n} met Friend{n} in Town{n}. " + f"word{n} " * 500
        for n in range(paragraphs)
    )


def answer_or_fail(word: str, error: Exception) -> FakeChat:
    """Return a chat model that fails for chunks that contain `word`."""
    entity = {"name": "Ada", "type": "person", "description": "d"}
    answer = json.dumps({"entities": [entity], "relationships": []})

    def reply(request: ChatRequest) -> str:
        if any(word in message.content for message in request.messages):
            raise error
        return answer

    return FakeChat(reply)


def test_a_document_becomes_chunks_entities_relations_and_vectors(
    workspace: Workspace, models: FakeModels
) -> None:
    document = add(workspace)
    assert pipeline.work(workspace.pk) == 1
    document.refresh_from_db()
    assert (document.status, document.error_msg) == (Status.PROCESSED, "")
    assert (
        document.chunks_count
        == Chunk.objects.count()
        == searchable_chunks(workspace)
        == 1
    )
    assert Entity.objects.filter(name="Marie Curie").exists()
    assert Relation.objects.exists()
    assert missing_vectors(workspace) == 0
    assert not StagedChunk.objects.exists()


def test_an_extraction_is_cached(workspace: Workspace, models: FakeModels) -> None:
    document = add(workspace)
    pipeline.work(workspace.pk)
    assert models.chat.calls == 1
    assert LLMCache.objects.get().chunk == Chunk.objects.get()
    document_deletion.delete_documents(workspace, [document.public_id])
    add(workspace, name="again.txt")
    pipeline.work(workspace.pk)
    assert models.chat.calls == 1


def test_a_document_fails_with_the_error_of_its_chunk(
    workspace: Workspace, settings: Settings
) -> None:
    chat = answer_or_fail("Person3", BadAnswer("No JSON at all"))
    settings.LIGHTRAG = FakeModels(chat).configure(site.LIGHTRAG)
    document = add(workspace, long_text(6))
    pipeline.work(workspace.pk)
    document.refresh_from_db()
    assert document.status == Status.FAILED
    assert "No JSON at all" in document.error_msg
    assert document.error_msg.startswith("C[")
    assert searchable_chunks(workspace) == 0
    assert not Entity.objects.exists()


def test_retrying_a_document_extracts_only_the_missing_chunks(
    workspace: Workspace, settings: Settings
) -> None:
    bad = answer_or_fail("Person3", BadAnswer("No JSON at all"))
    settings.LIGHTRAG = FakeModels(bad).configure(site.LIGHTRAG)
    document = add(workspace, long_text(6))
    pipeline.work(workspace.pk)
    stored = ChunkExtraction.objects.count()
    missing = Chunk.objects.count() - stored
    assert stored > 0
    repaired = FakeModels()
    settings.LIGHTRAG = repaired.configure(site.LIGHTRAG)
    assert retry_and_cancel.retry_failed(workspace) == 1
    pipeline.work(workspace.pk)
    document.refresh_from_db()
    assert document.status == Status.PROCESSED
    assert repaired.chat.calls == missing


def test_a_temporary_failure_of_the_provider_is_retried(
    workspace: Workspace, settings: Settings
) -> None:
    chat = FakeChat(failures=2, error=ProviderDown("down"))
    settings.LIGHTRAG = FakeModels(chat).configure(site.LIGHTRAG)
    document = add(workspace)
    pipeline.work(workspace.pk)
    document.refresh_from_db()
    assert document.status == Status.PROCESSED
    assert chat.calls == 3


def test_a_failed_document_does_not_affect_others(
    workspace: Workspace, models: FakeModels
) -> None:
    empty = add(workspace, "", "empty.txt")
    healthy = add(workspace)
    pipeline.work(workspace.pk)
    empty.refresh_from_db()
    healthy.refresh_from_db()
    assert empty.status == Status.FAILED
    assert empty.error_msg
    assert healthy.status == Status.PROCESSED


def test_the_same_content_under_another_name_is_a_failed_duplicate(
    workspace: Workspace, models: FakeModels
) -> None:
    add(workspace)
    pipeline.work(workspace.pk)
    copy = add(workspace, name="copy.txt")
    pipeline.work(workspace.pk)
    copy.refresh_from_db()
    assert copy.status == Status.FAILED
    assert "curie.txt" in copy.error_msg
    assert copy.metadata["duplicate_kind"] == "content_hash"
    assert retry_and_cancel.retry_failed(workspace) == 0


def test_the_same_content_in_another_workspace_is_not_a_duplicate(
    workspace: Workspace, models: FakeModels
) -> None:
    other = Workspace.objects.create(
        name="other", embedding_model="fake:hash", embedding_dimensions=64
    )
    add(workspace)
    add(other)
    pipeline.work(workspace.pk)
    pipeline.work(other.pk)
    assert set(Document.objects.values_list("status", flat=True)) == {"processed"}


def test_a_cancelled_document_can_be_retried(
    workspace: Workspace, models: FakeModels
) -> None:
    document = add(workspace)
    assert retry_and_cancel.cancel(workspace) == 1
    assert pipeline.work(workspace.pk) == 0
    document.refresh_from_db()
    assert document.error_msg == "User cancelled"
    retry_and_cancel.retry_failed(workspace)
    pipeline.work(workspace.pk)
    document.refresh_from_db()
    assert document.status == Status.PROCESSED


def test_descriptions_are_summarized_if_there_are_enough(
    workspace: Workspace, settings: Settings
) -> None:
    def reply(request: ChatRequest) -> str:
        if request.json_schema and request.json_schema.name == "extraction":
            text = request.messages[-1].content
            word = next(w for w in text.split() if w.startswith("fact"))
            entity = {"name": "Hub", "type": "concept", "description": word}
            return json.dumps({"entities": [entity], "relationships": []})
        return "All facts in one."

    settings.LIGHTRAG = FakeModels(FakeChat(reply)).configure(site.LIGHTRAG)
    # The chunks of one document are merged together; several documents may be divided.
    document = add(workspace, "|".join(f"It contains fact{n} ." for n in range(9)))
    params = {"split_by_character": "|", "split_by_character_only": True}
    document.chunking = {"strategy": "fixed_token", "params": params}
    document.save()
    pipeline.work(workspace.pk)
    hub = Entity.objects.get()
    assert hub.description == "All facts in one."
    assert hub.summary_count == 9
    add(workspace, "The text contains fact10 too.", "late.txt")
    pipeline.work(workspace.pk)
    hub.refresh_from_db()
    assert hub.description == "All facts in one.<SEP>fact10"
    assert missing_vectors(workspace) == 0


def test_deleting_a_document_deletes_its_chunks_and_mentions(
    workspace: Workspace, models: FakeModels
) -> None:
    document = add(workspace)
    add(workspace, "Pierre Curie taught at the Sorbonne University.", "pierre.txt")
    pipeline.work(workspace.pk)
    report = document_deletion.delete_documents(
        workspace, [document.public_id, "doc-none"]
    )
    assert (report.deleted, report.unknown) == ((document.public_id,), ("doc-none",))
    assert searchable_chunks(workspace) == 1
    assert not Entity.objects.filter(name="Radium").exists()
    assert Entity.objects.filter(name="Pierre Curie").exists()
    assert not EntityMention.objects.filter(chunk__document=document).exists()
    pipeline.work(workspace.pk)
    assert missing_vectors(workspace) == 0


def test_clearing_empties_the_workspace(
    workspace: Workspace, models: FakeModels
) -> None:
    add(workspace)
    pipeline.work(workspace.pk)
    document_deletion.clear(workspace)
    for model in (Document, Chunk, Entity, Relation):
        assert not model._default_manager.exists()
    assert searchable_chunks(workspace) == 0


class SimultaneousChat(FakeChat):
    """A chat model that completes `count` extractions at the same time."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.barrier = asyncio.Barrier(count)

    async def complete(self, request: ChatRequest) -> Completion:
        if request.json_schema and request.json_schema.name == "extraction":
            await self.barrier.wait()
        return await super().complete(request)


def is_periodic(statement: str) -> bool:
    """Return whether a run executes the statement periodically, not once per document."""
    periodic = ("WITH next AS MATERIALIZED", "lease_owner", "stale_since")
    return any(words in statement for words in periodic)


@pytest.mark.parametrize("size", [1, 12])
def test_the_number_of_queries_hardly_depends_on_the_number_of_documents(
    workspace: Workspace,
    settings: Settings,
    size: int,
) -> None:
    models = FakeModels(SimultaneousChat(size))
    config = models.configure(site.LIGHTRAG)
    settings.LIGHTRAG = replace(
        config, extract_llm=replace(config.extract_llm, max_async=16)
    )
    for number in range(size):
        add(workspace, f"Ada met Friend{number} in Town{number}.", f"{number}.txt")
    with CaptureQueriesContext(connection) as queries:
        pipeline.work(workspace.pk)
    # Child processes parse the documents, so they may be stored one by one.
    stored_apart = 12 * (size - 1)
    statements = [query for query in queries if not is_periodic(query["sql"])]
    assert len(statements) <= 130 + stored_apart
    assert Document.objects.filter(status=Status.PROCESSED).count() == size


def test_a_stopped_run_stores_its_results_and_releases_its_documents(
    workspace: Workspace, settings: Settings
) -> None:
    models = FakeModels(FakeChat(latency=0.3))
    settings.LIGHTRAG = models.configure(site.LIGHTRAG)
    document = add(workspace, long_text(40))
    pipeline.work(workspace.pk, should_stop=lambda: models.chat.calls > 0)
    document.refresh_from_db()
    assert (document.status, document.lease_owner) == (Status.PROCESSING, "")
    assert 0 < ChunkExtraction.objects.count() == models.chat.calls < 40
    pipeline.work(workspace.pk)
    document.refresh_from_db()
    assert document.status == Status.PROCESSED
    assert models.chat.calls == Chunk.objects.count()


def test_a_deleted_document_stops_its_calls(
    committed_workspace: Workspace, settings: Settings
) -> None:
    chat = FakeChat(latency=60.0)
    settings.LIGHTRAG = FakeModels(chat).configure(site.LIGHTRAG)
    document = add(committed_workspace)

    def delete_after_first_call() -> None:
        wait_until(lambda: chat.calls > 0)
        document_deletion.delete_documents(committed_workspace, [document.public_id])
        connection.close()

    started = time.monotonic()
    with ThreadPoolExecutor(1) as pool:
        deleted = pool.submit(delete_after_first_call)
        pipeline.work(committed_workspace.pk)
        deleted.result()
    assert time.monotonic() - started < 30
    assert not Document.objects.exists()


def test_a_document_may_be_processed_without_extraction(
    workspace: Workspace, models: FakeModels
) -> None:
    document = add(workspace)
    Document.objects.update(metadata={"process_options": "F!"})
    pipeline.work(workspace.pk)
    document.refresh_from_db()
    assert document.status == Status.PROCESSED
    assert searchable_chunks(workspace) == 1
    assert not Entity.objects.exists()
    assert models.chat.calls == 0
