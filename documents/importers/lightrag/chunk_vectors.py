"""Vectors of what was imported: the store's own staged, the others made."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from documents.importers.lightrag.store import StoredChunk, Vector
from documents.models import Chunk, Workspace
from documents.pipeline import inline_jobs, pending_chunks
from documents.pipeline.pending_chunks import PendingChunk
from documents.pipeline.steps import embed, embed_graph
from documents.pipeline.steps.embed import EmbedJob
from documents.pipeline.steps.merge import Merged


def stage(
    workspace: Workspace,
    chunks: Sequence[tuple[StoredChunk, Chunk]],
    vectors: Mapping[str, Vector],
) -> int:
    """Keep the store's vectors of these chunks; returns how many there were."""
    known = [(stored, chunk) for stored, chunk in chunks if stored.id in vectors]
    if known:
        to_dos = tuple(to_do(chunk) for _, chunk in known)
        job = EmbedJob(workspace.pk, to_dos, workspace.embedding_model)
        job.store([(job, np.stack([vectors[stored.id] for stored, _ in known]))])
    return len(known)


def to_do(chunk: Chunk) -> PendingChunk:
    return PendingChunk(
        chunk.pk,
        chunk.document_id,
        chunk.order,
        chunk.content,
        tuple(chunk.headings),
        unextracted=False,
        unembedded=True,
    )


def run(
    workspace: Workspace, merged: Sequence[Merged], progress: Callable[[int, int], None]
) -> int:
    """Embed what has no vector yet; returns how many texts. Raises the first error."""
    ids = [document.pk for some in merged for document in some.documents]
    chunk_jobs = [
        job
        for chunks in pending_chunks.load(ids).values()
        for job in embed.jobs(workspace.pk, chunks, workspace.embedding_model)
    ]
    graph_jobs = embed_graph.vector_jobs(workspace.pk, None)
    texts = sum(len(job.chunks) for job in chunk_jobs)
    texts += sum(len(job.rows) for job in graph_jobs)
    inline_jobs.finish(workspace.pk, [*chunk_jobs, *graph_jobs], progress)
    return texts
