"""Vectors of imported chunks: stage those of the store, compute the others."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from documents.importers.lightrag.store import StoredChunk, Vector
from documents.models import Chunk, Workspace
from documents.pipeline import job_runner
from documents.pipeline.steps import chunk_rows, embed, embed_graph
from documents.pipeline.steps.chunk_rows import PendingChunk
from documents.pipeline.steps.embed import EmbedJob
from documents.pipeline.steps.merge import Merged
from retrieval.llm import event_loop
from retrieval.llm.registry import configured_models

SAMPLE_SIZE = 3
"""Number of chunks that are embedded for the check."""
MIN_COSINE = 0.98
"""Lower bound on the cosine of two vectors of a text by the same model.

Stored vectors are rounded to half precision. Another model gives a cosine near 0.
"""


def stage(
    workspace: Workspace,
    chunks: Sequence[tuple[StoredChunk, Chunk]],
    vectors: Mapping[str, Vector],
) -> int:
    """Stage the store's vectors of these chunks; return their number."""
    pairs = [(stored, chunk) for stored, chunk in chunks if stored.id in vectors]
    if pairs:
        unembedded = tuple(pending_chunk(chunk) for _, chunk in pairs)
        job = EmbedJob(workspace.pk, unembedded, workspace.embedding_model)
        job.store([(job, np.stack([vectors[stored.id] for stored, _ in pairs]))])
    return len(pairs)


def pending_chunk(chunk: Chunk) -> PendingChunk:
    return PendingChunk(
        chunk.pk,
        chunk.document_id,
        chunk.order,
        chunk.content,
        tuple(chunk.headings),
        unextracted=False,
        unembedded=True,
    )


def embed_missing(
    workspace: Workspace, merged: Sequence[Merged], progress: Callable[[int, int], None]
) -> int:
    """Embed chunks, entities and relations without a vector; return their number.

    Raises the first error of the embedding model.
    """
    document_ids = [document.pk for batch in merged for document in batch.documents]
    chunk_jobs = [
        job
        for chunks in chunk_rows.pending(document_ids).values()
        for job in embed.jobs(workspace.pk, chunks, workspace.embedding_model)
    ]
    graph_jobs = embed_graph.vector_jobs(workspace.pk, None)
    texts = sum(len(job.chunks) for job in chunk_jobs)
    texts += sum(len(job.rows) for job in graph_jobs)
    job_runner.run_and_wait(workspace.pk, [*chunk_jobs, *graph_jobs], progress)
    return texts


def matches(
    vectors: Mapping[str, Vector], chunks: Sequence[StoredChunk], model: str
) -> bool:
    """Return whether the embedder labelled `model` computed the vectors of these chunks."""
    sample = [chunk for chunk in chunks if chunk.id in vectors][:SAMPLE_SIZE]
    if not sample:
        return False
    computed = event_loop.run(
        configured_models.embedder(model).embed_documents(
            [chunk.content for chunk in sample]
        )
    )
    stored = np.stack([vectors[chunk.id] for chunk in sample])
    norms = np.linalg.norm(stored, axis=1) * np.linalg.norm(computed, axis=1)
    cosines = (stored * computed).sum(axis=1) / np.maximum(norms, 1e-9)
    return bool((cosines > MIN_COSINE).all())
