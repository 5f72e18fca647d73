"""Questions during a change of the embedding model or after the workspace's deletion."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from pytest_django.fixtures import Settings

from documents.models import Document, DocumentContent, Workspace
from documents.pipeline import embedding_migration, pipeline
from documents.workspaces.lookup import UnknownWorkspace
from retrieval.index import own_tables
from retrieval.llm.base import Vectors
from retrieval.llm.config import EmbeddingConfig
from retrieval.llm.errors import NotConfigured
from retrieval.llm.testing.fake import FakeEmbedder
from retrieval.models import SearchIndex
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
    result = async_to_sync(answer.retrieve)(workspace, PARAMS)
    assert result.chunks[0].content == LOVELACE
    assert result.chunks[0].scores["vector"] > 0


def test_running_searches_keep_the_old_index_and_the_switch_does_not_wait(
    committed_workspace: Workspace, models: FakeModels, settings: Settings
) -> None:
    fill(committed_workspace)
    config = configure(settings, FakeEmbedder(32))
    question = analysed(committed_workspace)

    def change() -> int:
        return embedding_migration.migrate(committed_workspace, config, lambda *_: None)

    with ThreadPoolExecutor(1) as pool:
        with search_transaction.begin(question) as prepared:
            assert pool.submit(alone, change).result(30) > 0
            pool.submit(alone, lambda: own_tables.work(lambda: False)).result(30)
            answered = pool.submit(alone, lambda: retrieve(committed_workspace))
            assert answered.result(30)[0] == LOVELACE
            result = modes.MODES[Mode.MIX](prepared)
        assert result.chunks[0].content == LOVELACE
    retired = SearchIndex.objects.filter(pk=prepared.index_id)
    assert retired.exists()
    own_tables.work(lambda: False)
    assert not retired.exists()


def test_a_question_of_a_deleted_workspace_raises_an_error(
    workspace: Workspace, models: FakeModels
) -> None:
    fill(workspace)
    deleted = Workspace.objects.get(pk=workspace.pk)
    workspace.delete()
    with pytest.raises(UnknownWorkspace, match="was deleted"):
        async_to_sync(answer.retrieve)(deleted, PARAMS)


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
    result = async_to_sync(answer.retrieve)(workspace, PARAMS)
    return [passage.content for passage in result.chunks]


def alone(step: Callable[[], T]) -> T:
    """Run the step in a connection of its own."""
    try:
        return step()
    finally:
        connection.close()
