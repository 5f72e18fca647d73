"""Fixtures that merge chunks with extractions into the graph."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import transaction

from documents.models import Chunk, Document, Workspace
from documents.workspaces import locks
from graph.extraction import answer_format
from graph.extraction.records import EntityRecord, Extraction, RelationRecord
from graph.merging import merge
from graph.models import ChunkExtraction
from retrieval.index.search_rows import Touched

Ingest = Callable[..., Chunk]


def extraction(*records: tuple[str, ...]) -> Extraction:
    """Build an extraction from (name, type, text) and (name, name, keywords, text)."""
    return Extraction(
        tuple(EntityRecord(*record) for record in records if len(record) == 3),
        tuple(RelationRecord(*record) for record in records if len(record) == 4),
    )


def merge_chunks(workspace: Workspace, *chunks: Chunk) -> Touched:
    with transaction.atomic():
        locks.lock_and_invalidate(workspace.pk)
        return merge.run(workspace.pk, [chunk.pk for chunk in chunks])


@pytest.fixture
def ingest(workspace: Workspace) -> Ingest:
    """Return a function that merges a chunk with the given records."""

    def ingest_chunk(*records: tuple[str, ...], merged: bool = True) -> Chunk:
        number = Document.objects.count()
        document = Document.objects.create(
            workspace=workspace,
            public_id=f"doc-{number}",
            name=f"{number}.txt",
            track_id="t",
        )
        chunk = Chunk.objects.create(
            workspace=workspace,
            document=document,
            order=0,
            content="…",
            tokens=1,
            content_hash="",
        )
        stored = answer_format.to_json(extraction(*records))
        ChunkExtraction.objects.create(chunk=chunk, records=stored, model="test")
        if merged:
            merge_chunks(workspace, chunk)
        return chunk

    return ingest_chunk
