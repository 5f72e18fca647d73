"""A workspace of MuSiQue's paragraphs with the triples that a real model extracted.

Each paragraph is one document, `title\\ntext`. `<data>/passages.json` and
`<data>/questions.json` are described in docs/benchmarks/retrieval.md.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from documents.models import Chunk, Document, DocumentContent, Status, Workspace
from documents.pipeline import pipeline
from documents.workspaces import lookup
from retrieval.index import own_tables, search_rows, tables
from retrieval.llm.base import Embedder
from retrieval.llm.config import ChatConfig, EmbeddingConfig
from retrieval.llm.testing.fake import FakeEmbedder
from tests.benchmarks import passage_index, replay

BATCH_SIZE = 1000

WRITE_CHUNKS = """
UPDATE search_chunk s SET vector = f.vector::halfvec
FROM unnest(%(ids)s::bigint[], %(vectors)s::text[]) AS f (id, vector)
WHERE s.index_id = %(index)s AND s.chunk_id = f.id
"""

MARK_STALE = (
    "UPDATE search_entity SET text_hash = '' WHERE index_id = %(index)s",
    "UPDATE search_relation SET text_hash = '' WHERE index_id = %(index)s",
)


def configure(data: Path, embedder: Embedder) -> None:
    """Configure replayed extractions, this embedder, and no other models."""
    chat = replay.config(passage_index.load(musique=str(data / "passages.json")))
    vectors = EmbeddingConfig(
        "fake",
        embedder.identity,
        dimensions=embedder.dimensions,
        options={"embedder": embedder},
    )
    settings.LIGHTRAG = replace(
        settings.LIGHTRAG,
        extract_llm=chat,
        keyword_llm=ChatConfig(),
        query_llm=ChatConfig(),
        embedding=vectors,
    )


def load(data: Path, name: str, embedder: Embedder) -> Workspace:
    """Return the workspace, filled unless it exists.

    Entities grow with each document and would be embedded many times, so the documents
    are processed with a stand-in embedder, and all vectors are computed at the end.
    """
    configure(data, FakeEmbedder(embedder.dimensions))
    workspace = read(data, name)
    embed(workspace, embedder)
    own_tables.work(lambda: False)
    configure(data, embedder)
    return workspace


def embed(workspace: Workspace, embedder: Embedder) -> None:
    """Replace all vectors by those of `embedder`."""
    values: dict[str, Any] = {"index": tables.index_of(workspace.pk)}
    chunks = list(
        Chunk.objects.filter(workspace=workspace).values_list("pk", "content")
    )
    vectors = asyncio.run(embedder.embed_documents([text for _, text in chunks]))
    values["ids"] = [pk for pk, _ in chunks]
    values["vectors"] = [search_rows.vector_text(row) for row in vectors]
    with connection.cursor() as cursor:
        for statement in (WRITE_CHUNKS, *MARK_STALE):
            cursor.execute(statement, values)
    stale = search_rows.stale(workspace.pk)
    for start in range(0, len(stale), BATCH_SIZE):
        batch = stale[start : start + BATCH_SIZE]
        rows = asyncio.run(embedder.embed_documents([row.text for row in batch]))
        with transaction.atomic():
            search_rows.write(workspace.pk, workspace.embedding_model, batch, rows)


def read(data: Path, name: str) -> Workspace:
    """Return the workspace with all documents processed."""
    workspace = lookup.ensure(name)
    passages = json.loads((data / "passages.json").read_text("utf-8"))
    if not Document.objects.filter(workspace=workspace).exists():
        documents = Document.objects.bulk_create(
            Document(
                workspace=workspace,
                public_id=f"doc-{number:04}",
                name=f"{number:04}.txt",
                track_id="musique",
            )
            for number in range(len(passages))
        )
        DocumentContent.objects.bulk_create(
            DocumentContent(
                document=document, text=f"{passage['title']}\n{passage['text']}"
            )
            for document, passage in zip(documents, passages, strict=True)
        )
    pipeline.work(workspace.pk)
    done = Document.objects.filter(workspace=workspace, status=Status.PROCESSED)
    if done.count() < len(passages):
        raise RuntimeError(
            f"{done.count()} of {len(passages)} documents were processed."
        )
    return workspace


def questions(data: Path) -> Iterator[dict[str, Any]]:
    """Yield the questions in the format of `manage.py evaluate`."""
    for question in json.loads((data / "questions.json").read_text("utf-8")):
        yield {
            "question": question["question"],
            "gold": [f"{number:04}.txt" for number in question["gold"]],
            "answer": question["answer"],
        }
