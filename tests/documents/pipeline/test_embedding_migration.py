"""Moving to another embedding model: the old one answers until the new one does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from asgiref.sync import async_to_sync
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django.fixtures import Settings

from documents.models import Chunk, Document, DocumentContent, Workspace
from documents.pipeline import embedding_migration, pending_chunks, pipeline
from documents.pipeline.steps import embed
from graph.models import StagedChunk
from retrieval.index import reembed
from retrieval.llm.base import Vectors
from retrieval.llm.config import EmbeddingConfig
from retrieval.llm.errors import ProviderDown
from retrieval.llm.testing.fake import FakeEmbedder
from retrieval.query import answer
from retrieval.search.params import Mode, QueryParams
from tests.models import FakeModels

CURIE = "Marie Curie discovered Radium in Paris. Pierre Curie worked with Marie Curie."
LOVELACE = "Ada Lovelace wrote notes on the Engine. Charles Babbage built the Engine."


class Watched(FakeEmbedder):
    """The model to come; `before` is called before each batch, with its number."""

    def __init__(self, before: Callable[[int], None] = lambda number: None) -> None:
        super().__init__(32)
        self.before = before

    async def embed_documents(self, texts: list[str]) -> Vectors:  # type: ignore[override]
        self.before(self.calls)
        return await super().embed_documents(texts)


def coming(embedder: FakeEmbedder) -> EmbeddingConfig:
    return EmbeddingConfig(
        "fake", "wider", dimensions=32, options={"embedder": embedder}
    )


def configure(settings: Settings, embedder: FakeEmbedder) -> EmbeddingConfig:
    config = coming(embedder)
    settings.LIGHTRAG = replace(settings.LIGHTRAG, next_embedding=config)
    return config


def add(workspace: Workspace, name: str, text: str) -> Document:
    document = Document.objects.create(
        workspace=workspace, public_id=f"doc-{name}", name=name, track_id="t"
    )
    DocumentContent.objects.create(document=document, text=text)
    return document


def dimensions(workspace: Workspace) -> dict[str, set[int]]:
    """The lengths of the vectors that are searched, by kind; 0 for a missing one."""
    found = {}
    with connection.cursor() as cursor:
        for kind in ("chunk", "entity", "relation"):
            cursor.execute(
                "SELECT DISTINCT coalesce(vector_dims(vector), 0)"
                f" FROM search_{kind}_{workspace.pk}"
            )
            found[kind] = {length for (length,) in cursor.fetchall()}
    return found


def passages(workspace: Workspace, question: str) -> list[str]:
    workspace.refresh_from_db()
    params = QueryParams(query=question, mode=Mode.MIX)
    found = async_to_sync(answer.retrieve)(workspace, params)
    return [passage.content for passage in found.chunks]


def test_all_vectors_are_the_new_models_and_questions_find_by_it(
    workspace: Workspace, models: FakeModels, settings: Settings
) -> None:
    add(workspace, "curie.txt", CURIE)
    add(workspace, "lovelace.txt", LOVELACE)
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
    asked_old = models.embedder.calls
    assert passages(workspace, "Who built the Engine?")[0] == LOVELACE
    assert models.embedder.calls == asked_old


def test_the_old_model_answers_until_the_switch(
    workspace: Workspace, models: FakeModels, settings: Settings
) -> None:
    add(workspace, "curie.txt", CURIE)
    pipeline.work(workspace.pk)
    config = configure(settings, FakeEmbedder(32))
    reembed.begin(workspace.pk, config.label)
    embedding_migration._embed_pending(workspace.pk, config.label, lambda *_: None)
    reembed.make_indexes(workspace.pk, 32)
    assert passages(workspace, "Who discovered Radium?") == [CURIE]
    assert dimensions(workspace)["chunk"] == {64}


def test_what_is_written_meanwhile_is_moved_too(
    workspace: Workspace, models: FakeModels, settings: Settings
) -> None:
    add(workspace, "curie.txt", CURIE)
    pipeline.work(workspace.pk)
    config = configure(settings, FakeEmbedder(32))
    reembed.begin(workspace.pk, config.label)
    embedding_migration._embed_pending(workspace.pk, config.label, lambda *_: None)
    add(workspace, "lovelace.txt", LOVELACE)
    pipeline.work(workspace.pk)
    Document.objects.get(name="curie.txt").delete()
    assert not reembed.switch(workspace.pk, config.label, 32)
    embedding_migration.migrate(workspace, config, lambda *_: None)
    assert passages(workspace, "Who built the Engine?") == [LOVELACE]
    assert dimensions(workspace)["entity"] == {32}


def test_an_interrupted_move_goes_on_where_it_was(
    workspace: Workspace, models: FakeModels, settings: Settings
) -> None:
    for number in range(5):
        add(workspace, f"{number}.txt", f"Person{number} met Friend{number}. {CURIE}")
    pipeline.work(workspace.pk)

    def fail_late(number: int) -> None:
        if number:
            raise ProviderDown("gone")

    failing = Watched(fail_late)
    config = configure(settings, failing)
    reembed.begin(workspace.pk, config.label)
    total = sum(reembed.counts(workspace.pk).values())
    embedding_migration.BATCH_SIZE, kept = 4, embedding_migration.BATCH_SIZE
    try:
        with pytest.raises(ProviderDown):
            embedding_migration.migrate(workspace, config, lambda *_: None)
        rest = FakeEmbedder(32)
        config = configure(settings, rest)
        embedding_migration.migrate(workspace, config, lambda *_: None)
    finally:
        embedding_migration.BATCH_SIZE = kept
    assert failing.texts > 0
    assert failing.texts + rest.texts == total


def test_a_vector_that_the_old_model_made_too_late_is_not_kept(
    workspace: Workspace, models: FakeModels, settings: Settings
) -> None:
    document = add(workspace, "curie.txt", CURIE)
    chunk = Chunk.objects.create(
        workspace=workspace,
        document=document,
        order=0,
        content=CURIE,
        tokens=9,
        content_hash="h",
    )
    chunks = pending_chunks.load([document.pk])[document.pk]
    (job,) = embed.jobs(workspace.pk, chunks, "fake:hash")
    embedding_migration.migrate(
        workspace, configure(settings, FakeEmbedder(32)), lambda *_: None
    )
    job.store([(job, np.ones((1, 64), np.float32))])
    assert StagedChunk.objects.get(chunk=chunk).vector is None
    (again,) = pending_chunks.load([document.pk])[document.pk]
    assert again.unembedded


def test_a_second_move_finds_the_names_free(
    workspace: Workspace, models: FakeModels, settings: Settings
) -> None:
    add(workspace, "curie.txt", CURIE)
    pipeline.work(workspace.pk)
    embedding_migration.migrate(
        workspace, configure(settings, FakeEmbedder(32)), lambda *_: None
    )
    back = settings.LIGHTRAG.embedding
    settings.LIGHTRAG = replace(settings.LIGHTRAG, next_embedding=back)
    embedding_migration.migrate(workspace, back, lambda *_: None)
    assert dimensions(workspace)["relation"] == {64}
    assert passages(workspace, "Who discovered Radium?") == [CURIE]
    workspace.delete()


def test_the_command_moves_each_workspace_once(
    workspace: Workspace,
    models: FakeModels,
    settings: Settings,
    capsys: pytest.CaptureFixture[str],
) -> None:
    add(workspace, "curie.txt", CURIE)
    pipeline.work(workspace.pk)
    configure(settings, FakeEmbedder(32))
    call_command("reembed")
    assert "texts embedded with fake:wider" in capsys.readouterr().out
    call_command("reembed", workspace=workspace.name)
    assert "answers by fake:wider already" in capsys.readouterr().out


def test_the_command_says_what_must_be_set(workspace: Workspace) -> None:
    with pytest.raises(CommandError, match="NEXT_EMBEDDING_MODEL is not set"):
        call_command("reembed")
