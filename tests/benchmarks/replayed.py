"""Workspaces of documents with the extractions that a real model made of them.

MuSiQue: each paragraph is one document, `title\\ntext`. Medical: one long document. The
files in the folder `data` are described in docs/benchmarks/retrieval.md.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
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
from tests.benchmarks.passage_index import PassageIndex

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


@dataclass(frozen=True, slots=True)
class Corpus:
    """Texts of documents by name, and the extractions of their passages."""

    documents: Mapping[str, str]
    extractions: PassageIndex


def musique(data: Path) -> Corpus:
    """Return the paragraphs of `passages.json`."""
    path = data / "passages.json"
    documents = {
        f"{number:04}.txt": f"{passage['title']}\n{passage['text']}"
        for number, passage in enumerate(json.loads(path.read_text("utf-8")))
    }
    return Corpus(documents, passage_index.load(musique=str(path)))


def medical(data: Path) -> Corpus:
    """Return the guidelines of `medical.txt`, with the extractions of `chunks.json`."""
    extractions = passage_index.load(medical=str(data / "chunks.json"))
    text = (data / "medical.txt").read_text("utf-8")
    return Corpus({"medical.txt": text}, extractions)


def configure(corpus: Corpus, embedder: Embedder, model: str) -> None:
    """Configure replayed extractions, an embedder named `model`, and no other models."""
    vectors = EmbeddingConfig(
        "fake",
        model,
        dimensions=embedder.dimensions,
        options={"embedder": embedder},
    )
    settings.LIGHTRAG = replace(
        settings.LIGHTRAG,
        extract_llm=replay.config(corpus.extractions),
        keyword_llm=ChatConfig(),
        query_llm=ChatConfig(),
        embedding=vectors,
    )


def load(corpus: Corpus, name: str, embedder: Embedder) -> Workspace:
    """Return the workspace, filled unless it exists.

    Entities grow with each document and would be embedded many times, so the documents
    are processed with a stand-in embedder, and all vectors are computed at the end.
    """
    configure(corpus, FakeEmbedder(embedder.dimensions), embedder.identity)
    workspace = read(corpus, name)
    embed(workspace, embedder)
    own_tables.work(lambda: False)
    configure(corpus, embedder, embedder.identity)
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


def read(corpus: Corpus, name: str) -> Workspace:
    """Return the workspace with all documents processed."""
    workspace = lookup.ensure(name)
    if not Document.objects.filter(workspace=workspace).exists():
        documents = Document.objects.bulk_create(
            Document(
                workspace=workspace,
                public_id=f"doc-{number:04}",
                name=name,
                track_id="benchmark",
            )
            for number, name in enumerate(corpus.documents)
        )
        DocumentContent.objects.bulk_create(
            DocumentContent(document=document, text=corpus.documents[document.name])
            for document in documents
        )
    pipeline.work(workspace.pk)
    done = Document.objects.filter(workspace=workspace, status=Status.PROCESSED)
    if done.count() < len(corpus.documents):
        raise RuntimeError(
            f"{done.count()} of {len(corpus.documents)} documents were processed."
        )
    return workspace


def questions(data: Path) -> Iterator[dict[str, Any]]:
    """Yield MuSiQue's questions in the format of `manage.py evaluate`."""
    for question in json.loads((data / "questions.json").read_text("utf-8")):
        yield {
            "question": question["question"],
            "gold": [f"{number:04}.txt" for number in question["gold"]],
            "answer": question["answer"],
        }
