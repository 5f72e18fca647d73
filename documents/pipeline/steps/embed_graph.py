"""Embed the entities and relations whose text differs from the embedded text.

Deletions and edits record their time in the workspace's row
(`retrieval.index.search_rows`). A worker finds this record without a notification, so a
lost notification does not leave rows without vectors.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import islice
from typing import ClassVar

from django.db import transaction

from documents.models import Workspace
from documents.pipeline import chunk_retry
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
        return await chunk_retry.retry_within_budget(embed)

    def store(self, done: Sequence[tuple[GraphVectorJob, Vectors]]) -> None:
        """Write the search rows in one transaction."""
        with transaction.atomic():
            locks.lock_and_invalidate(self.workspace_id)
            for job, vectors in done:
                search_rows.write(job.workspace_id, job.model, job.rows, vectors)


def vector_jobs(workspace_id: int, touched: Touched | None) -> list[GraphVectorJob]:
    """Return jobs for the stale rows of `touched`, or of the workspace if it is None.

    Rows that need no vector are written at once.
    """
    stale = search_rows.stale(workspace_id, touched)
    model = lookup.embedding_model(workspace_id)
    if unembedded := [row for row in stale if not row.is_embedded]:
        with transaction.atomic():
            locks.lock_and_invalidate(workspace_id)
            search_rows.write_without_vectors(workspace_id, model, unembedded)
    rows = (row for row in stale if row.is_embedded)
    jobs = []
    while batch := tuple(islice(rows, BATCH_SIZE)):
        jobs.append(GraphVectorJob(workspace_id, batch, model))
    return jobs


@dataclass(frozen=True, slots=True)
class StaleWorkspace:
    """A workspace with rows to embed, and the time of the last change."""

    workspace_id: int
    since: datetime

    def jobs(self) -> list[GraphVectorJob]:
        """Return jobs for all stale rows of the workspace."""
        return vector_jobs(self.workspace_id, None)

    def clear(self) -> None:
        """Delete the record, unless there is a newer one."""
        Workspace.objects.filter(pk=self.workspace_id, stale_since=self.since).update(
            stale_since=None
        )


def stale_workspaces(only: int | None) -> Iterator[StaleWorkspace]:
    """Yield the workspaces with stale rows; `only` restricts them to one workspace."""
    workspaces = Workspace.objects.exclude(stale_since=None)
    if only is not None:
        workspaces = workspaces.filter(pk=only)
    for pk, since in workspaces.values_list("pk", "stale_since"):
        if since is not None:
            yield StaleWorkspace(pk, since)
