"""Migration to another embedding model; the old one is in use until the switch."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from asgiref.sync import async_to_sync
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django.fixtures import Settings

from documents.models import Chunk, Document, Workspace
from documents.pipeline import embedding_migration, pipeline
from documents.pipeline.steps import chunk_rows, embed
from graph.models import StagedChunk
from retrieval.index import reembed, tables
from retrieval.llm.base import Vectors
from retrieval.llm.config import EmbeddingConfig
from retrieval.llm.errors import ProviderDown
from retrieval.llm.testing.fake import FakeEmbedder
from retrieval.query import answer
from retrieval.search.params import Mode, QueryParams
from tests.documents.conftest import add_text
from tests.models import FakeModels

CURIE = "Marie Curie discovered Radium in Paris. Pierre Curie worked with Marie Curie."
LOVELACE = "Ada Lovelace wrote notes on the Engine. Charles Babbage built the Engine."


class ObservedEmbedder(FakeEmbedder):
    """The new model; it calls `before` with the number of each batch."""

    def __init__(self, before: Callable[[int], None] = lambda number: None) -> None:
        super().__init__(32)
        self.before = before

    async def embed_documents(self, texts: list[str]) -> Vectors:  # type: ignore[override]
        self.before(self.calls)
        return await super().embed_documents(texts)


def configure(settings: Settings, embedder: FakeEmbedder) -> EmbeddingConfig:
    config = EmbeddingConfig(
        "fake", "wider", dimensions=32, options={"embedder": embedder}
    )
    settings.LIGHTRAG = replace(settings.LIGHTRAG, next_embedding=config)
    return config


def dimensions(workspace: Workspace) -> dict[str, set[int]]:
    """Return the dimensions of the search vectors by kind; 0 for a missing vector."""
    dimensions_by_kind = {}
    with connection.cursor() as cursor:
        for kind in ("chunk", "entity", "relation"):
            cursor.execute(
                "SELECT DISTINCT coalesce(vector_dims(vector), 0)"
                f" FROM search_{kind} WHERE index_id = %s",
                [tables.index_of(workspace.pk)],
            )
            dimensions_by_kind[kind] = {length for (length,) in cursor.fetchall()}
    return dimensions_by_kind


def retrieved_chunks(workspace: Workspace, question: str) -> list[str]:
    workspace.refresh_from_db()
    params = QueryParams(query=question, mode=Mode.MIX)
    result = async_to_sync(answer.retrieve)(workspace, params)
    return [chunk.content for chunk in result.chunks]


def test_after_the_migration_only_the_new_model_is_used(
    workspace: Workspace, models: FakeModels, settings: Settings
) -> None:
    add_text(workspace, "curie.txt", CURIE)
    add_text(workspace, "lovelace.txt", LOVELACE)
    pipeline.work(workspace.pk)
    new = FakeEmbedder(32)
    config = configure(settings, new)
    assert (
        embedding_migration.migrate(workspace, config, lambda *_: None) == new.texts > 2
    )
    workspace.refresh_from_db()
    assert (workspace.embedding_model, workspace.embedding_dimensions) == (
        "fake:wider",
        32,
    )
    assert dimensions(workspace) == {
        "chunk": {32},
        "entity": {32},
        "relation": {32},
    }
    old_calls = models.embedder.calls
    assert retrieved_chunks(workspace, "Who built the Engine?")[0] == LOVELACE
    assert models.embedder.calls == old_calls


def test_the_old_model_is_used_until_the_switch(
    workspace: Workspace, models: FakeModels, settings: Settings
) -> None:
    add_text(workspace, "curie.txt", CURIE)
    pipeline.work(workspace.pk)
    config = configure(settings, FakeEmbedder(32))
    reembed.begin(workspace.pk, config.label, 32)
    embedding_migration._embed_pending(workspace.pk, config.label, lambda *_: None)
    reembed.make_indexes(workspace.pk)
    assert retrieved_chunks(workspace, "Who discovered Radium?") == [CURIE]
    assert dimensions(workspace)["chunk"] == {64}


def test_documents_added_during_the_migration_are_migrated(
    workspace: Workspace, models: FakeModels, settings: Settings
) -> None:
    add_text(workspace, "curie.txt", CURIE)
    pipeline.work(workspace.pk)
    config = configure(settings, FakeEmbedder(32))
    reembed.begin(workspace.pk, config.label, 32)
    embedding_migration._embed_pending(workspace.pk, config.label, lambda *_: None)
    add_text(workspace, "lovelace.txt", LOVELACE)
    pipeline.work(workspace.pk)
    Document.objects.get(name="curie.txt").delete()
    assert not reembed.switch(workspace.pk)
    embedding_migration.migrate(workspace, config, lambda *_: None)
    assert retrieved_chunks(workspace, "Who built the Engine?") == [LOVELACE]
    assert dimensions(workspace)["entity"] == {32}


def test_an_interrupted_migration_continues_where_it_stopped(
    workspace: Workspace, models: FakeModels, settings: Settings
) -> None:
    for number in range(5):
        add_text(
            workspace, f"{number}.txt", f"Person{number} met Friend{number}. {CURIE}"
        )
    pipeline.work(workspace.pk)

    def fail_after_first_batch(number: int) -> None:
        if number:
            raise ProviderDown("down")

    failing = ObservedEmbedder(fail_after_first_batch)
    config = configure(settings, failing)
    reembed.begin(workspace.pk, config.label, 32)
    total = sum(reembed.counts(workspace.pk).values())
    with pytest.raises(ProviderDown):
        embedding_migration.migrate(workspace, config, lambda *_: None, batch_size=4)
    second = FakeEmbedder(32)
    config = configure(settings, second)
    embedding_migration.migrate(workspace, config, lambda *_: None)
    assert failing.texts > 0
    assert failing.texts + second.texts == total


def test_a_vector_of_the_old_model_is_discarded_after_the_switch(
    workspace: Workspace, models: FakeModels, settings: Settings
) -> None:
    document = add_text(workspace, "curie.txt", CURIE)
    chunk = Chunk.objects.create(
        workspace=workspace,
        document=document,
        order=0,
        content=CURIE,
        tokens=9,
        content_hash="h",
    )
    chunks = chunk_rows.pending([document.pk])[document.pk]
    (job,) = embed.jobs(workspace.pk, chunks, "fake:hash")
    embedding_migration.migrate(
        workspace, configure(settings, FakeEmbedder(32)), lambda *_: None
    )
    job.store([(job, np.ones((1, 64), np.float32))])
    assert StagedChunk.objects.get(chunk=chunk).vector is None
    (pending_chunk,) = chunk_rows.pending([document.pk])[document.pk]
    assert pending_chunk.unembedded


def test_a_workspace_can_be_migrated_twice(
    workspace: Workspace, models: FakeModels, settings: Settings
) -> None:
    add_text(workspace, "curie.txt", CURIE)
    pipeline.work(workspace.pk)
    embedding_migration.migrate(
        workspace, configure(settings, FakeEmbedder(32)), lambda *_: None
    )
    old = settings.LIGHTRAG.embedding
    settings.LIGHTRAG = replace(settings.LIGHTRAG, next_embedding=old)
    embedding_migration.migrate(workspace, old, lambda *_: None)
    assert dimensions(workspace)["relation"] == {64}
    assert retrieved_chunks(workspace, "Who discovered Radium?") == [CURIE]
    workspace.delete()


def test_the_command_migrates_each_workspace_once(
    workspace: Workspace,
    models: FakeModels,
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
) -> None:
    add_text(workspace, "curie.txt", CURIE)
    pipeline.work(workspace.pk)
    configure(settings, FakeEmbedder(32))
    call_command("reembed")
    assert "texts embedded with fake:wider" in capsys.readouterr().out
    call_command("reembed", workspace=workspace.name)
    assert "already uses fake:wider" in capsys.readouterr().out


def test_the_command_names_the_missing_setting(workspace: Workspace) -> None:
    with pytest.raises(CommandError, match="NEXT_EMBEDDING_MODEL is not set"):
        call_command("reembed")
