"""Questions during a change of the embedding model or after the workspace's deletion."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Event
from typing import TypeVar

import pytest
from asgiref.sync import async_to_sync
from django.db import connection, transaction
from pytest_django.fixtures import Settings

from documents.models import Chunk, Document, DocumentContent, Workspace
from documents.pipeline import embedding_migration, pipeline
from documents.workspaces.lookup import UnknownWorkspace
from graph.models import Entity
from retrieval.llm.base import Vectors
from retrieval.llm.config import EmbeddingConfig
from retrieval.llm.errors import NotConfigured
from retrieval.llm.testing.fake import FakeEmbedder
from retrieval.query import answer, query_analysis
from retrieval.query_trace import QueryTrace
from retrieval.search import modes, search_transaction
from retrieval.search.params import Mode, QueryParams
from retrieval.search.question import Question
from tests.models import FakeModels

T = TypeVar("T")
CURIE = "Marie Curie discovered Radium in Paris. Pierre Curie worked with Marie Curie."
LOVELACE = "Ada Lovelace wrote notes on the Engine. Charles Babbage built the Engine."
PARAMS = QueryParams(query="Who built the Engine?", mode=Mode.MIX)
WAITING = """
SELECT count(*) FROM pg_locks l JOIN pg_database d ON d.oid = l.database
WHERE NOT granted AND datname = current_database()
"""


class Opposite(FakeEmbedder):
    """Embedder with the same dimensions and opposite vectors."""

    def _embed(self, texts: Sequence[str]) -> Vectors:
        opposite: Vectors = -super()._embed(texts)
        return opposite


def fill(workspace: Workspace) -> None:
    for name, text in (("curie.txt", CURIE), ("lovelace.txt", LOVELACE)):
        document = Document.objects.create(
            workspace=workspace, public_id=f"doc-{name}", name=name, track_id="t"
        )
        DocumentContent.objects.create(document=document, text=text)
    pipeline.work(workspace.pk)


def configure(settings: Settings, embedder: FakeEmbedder) -> EmbeddingConfig:
    config = EmbeddingConfig(
        "fake",
        "other",
        dimensions=embedder.dimensions,
        options={"embedder": embedder},
    )
    settings.LIGHTRAG = replace(settings.LIGHTRAG, next_embedding=config)
    return config


def analysed(workspace: Workspace) -> Question:
    clock = QueryTrace(workspace.pk)
    return async_to_sync(query_analysis.analyse)(workspace, PARAMS, clock)


@pytest.mark.parametrize("other", [FakeEmbedder(32), Opposite(64)])
def test_a_question_embedded_before_the_swap_is_embedded_again(
    workspace: Workspace, models: FakeModels, settings: Settings, other: FakeEmbedder
) -> None:
    fill(workspace)
    embedding_migration.migrate(workspace, configure(settings, other), lambda *_: None)
    # `workspace` has the values from before the swap.
    found = async_to_sync(answer.retrieve)(workspace, PARAMS)
    assert found.chunks[0].content == LOVELACE
    assert found.chunks[0].scores["vector"] > 0


def test_the_swap_waits_for_running_searches_and_blocks_no_others(
    committed_workspace: Workspace, models: FakeModels, settings: Settings
) -> None:
    fill(committed_workspace)
    config = configure(settings, FakeEmbedder(32))
    question = analysed(committed_workspace)
    entered, may_search = Event(), Event()

    def search() -> list[str]:
        with search_transaction.begin(question) as prepared:
            entered.set()
            assert may_search.wait(30)
            found = modes.MODES[Mode.MIX](prepared)
        return [passage.content for passage in found.chunks]

    def move() -> int:
        return embedding_migration.migrate(committed_workspace, config, lambda *_: None)

    with ThreadPoolExecutor(3) as pool:
        first = pool.submit(alone, search)
        assert entered.wait(30)
        moved = pool.submit(alone, move)
        wait_for_blocked_lock()
        second = pool.submit(alone, lambda: retrieve(committed_workspace))
        assert second.result(30)[0] == LOVELACE
        assert not moved.done()
        may_search.set()
        assert first.result(30)[0] == LOVELACE
        assert moved.result(30) > 0


def test_the_swap_does_not_deadlock_with_a_reader_of_two_tables(
    committed_workspace: Workspace, models: FakeModels, settings: Settings
) -> None:
    fill(committed_workspace)
    config = configure(settings, FakeEmbedder(32))

    def move() -> int:
        return embedding_migration.migrate(committed_workspace, config, lambda *_: None)

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            assert Entity.objects.exists()
            moved = pool.submit(alone, move)
            wait_for_blocked_lock()
            assert Chunk.objects.filter(workspace=committed_workspace).count() == 2
        assert moved.result(30) > 0


def test_a_question_of_a_deleted_workspace_raises_an_error(
    workspace: Workspace, models: FakeModels
) -> None:
    fill(workspace)
    gone = Workspace.objects.get(pk=workspace.pk)
    workspace.delete()
    with pytest.raises(UnknownWorkspace, match="was deleted"):
        async_to_sync(answer.retrieve)(gone, PARAMS)


def test_vectors_of_another_model_are_not_searched(
    workspace: Workspace, models: FakeModels, settings: Settings
) -> None:
    fill(workspace)
    embedding_migration.migrate(
        workspace, configure(settings, Opposite(64)), lambda *_: None
    )
    settings.LIGHTRAG = replace(settings.LIGHTRAG, next_embedding=None)
    with pytest.raises(NotConfigured, match="were created by fake:other"):
        async_to_sync(answer.retrieve)(workspace, PARAMS)


def retrieve(workspace: Workspace) -> list[str]:
    found = async_to_sync(answer.retrieve)(workspace, PARAMS)
    return [passage.content for passage in found.chunks]


def alone(step: Callable[[], T]) -> T:
    """Run the step in a connection of its own."""
    try:
        return step()
    finally:
        connection.close()


def wait_for_blocked_lock() -> None:
    end = time.monotonic() + 30
    while time.monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute(WAITING)
            if cursor.fetchone()[0]:
                return
        time.sleep(0.01)
    raise AssertionError("No lock request is blocked.")
