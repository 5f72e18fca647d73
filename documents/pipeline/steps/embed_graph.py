"""Embed the entities and relations whose text differs from the embedded text."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import ClassVar

from django.db import transaction

from documents.pipeline import llm_retry
from documents.pipeline.jobs import Lane
from documents.workspaces import locks, lookup
from retrieval.index import search_rows
from retrieval.index.search_rows import StaleRow, Touched
from retrieval.llm.base import Vectors
from retrieval.llm.registry import configured_models
from retrieval.llm.usage.models import LLMCall

BATCH_SIZE = 64
"""Texts of one call."""


@dataclass(frozen=True, slots=True)
class GraphVectorJob:
    """Some entities and relations to embed in one call."""

    purpose: ClassVar = LLMCall.Purpose.EMBEDDING
    lane: ClassVar = Lane.EMBEDDING
    workspace_id: int
    rows: tuple[StaleRow, ...]
    model: str

    async def run(self) -> Vectors:
        """Return a vector for each row."""
        texts = [row.text for row in self.rows]
        embed = partial(configured_models.embedder(self.model).embed_documents, texts)
        return await llm_retry.retry_within_budget(embed)

    def store(self, done: Sequence[tuple[GraphVectorJob, Vectors]]) -> None:
        """Write the search rows in one transaction."""
        with transaction.atomic():
            locks.lock_and_invalidate(self.workspace_id)
            for job, vectors in done:
                search_rows.write(job.workspace_id, job.model, job.rows, vectors)


def vector_jobs(workspace_id: int, touched: Touched | None) -> list[GraphVectorJob]:
    """Return jobs for the stale rows of `touched`, or of the workspace if it is None."""
    rows = iter(search_rows.stale(workspace_id, touched))
    model = lookup.embedding_model(workspace_id)
    jobs = []
    while batch := tuple(islice(rows, BATCH_SIZE)):
        jobs.append(GraphVectorJob(workspace_id, batch, model))
    return jobs
