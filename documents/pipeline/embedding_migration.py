"""A workspace moves to another embedding model while the old one keeps answering."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from django.db import transaction

from documents.models import Workspace
from documents.pipeline import inline_jobs
from documents.pipeline.jobs import Lane
from documents.pipeline.steps import merge
from retrieval.index import reembed, search_rows
from retrieval.index.search_rows import StaleRow
from retrieval.llm.base import Vectors
from retrieval.llm.config import EmbeddingConfig
from retrieval.llm.registry import configured_models
from retrieval.llm.usage.models import LLMCall

AT_ONCE = 4096
"""Texts of each kind that are looked up together."""
BATCH = 64

Progress = Callable[[int, int], None]
"""Texts done, texts in all, as far as is known."""


@dataclass(frozen=True, slots=True)
class NextVectorJob:
    """Some texts to embed by the model to come."""

    purpose: ClassVar = LLMCall.Purpose.EMBEDDING
    lane: ClassVar = Lane.EMBEDDING
    workspace_id: int
    rows: tuple[StaleRow, ...]
    model: str

    async def run(self) -> Vectors:
        """A row for each."""
        texts = [row.text for row in self.rows]
        return await configured_models.embedder(self.model).embed_documents(texts)

    def store(self, done: Sequence[tuple[NextVectorJob, Vectors]]) -> None:
        """Keep them beside what answers now, in one transaction."""
        with transaction.atomic():
            for job, vectors in done:
                reembed.store(job.workspace_id, job.rows, vectors)


def move(workspace: Workspace, coming: EmbeddingConfig, progress: Progress) -> int:
    """Embed everything by `coming`, then switch; returns how many texts were embedded.

    It may be run again after any interruption and goes on where it was. What is written
    meanwhile is embedded twice: by the old model to be found now, by the new one for then.
    Raises the embedding model's `LLMError`.
    """
    reembed.begin(workspace.pk, coming.label)
    done = 0
    while True:
        done += _catch_up(workspace.pk, coming.label, progress)
        reembed.make_indexes(workspace.pk, coming.dimensions)
        if reembed.switch(workspace.pk, coming.label, coming.dimensions):
            break
    search_rows.mark_stale(workspace.pk)
    jobs = merge.vector_jobs(workspace.pk, None)
    inline_jobs.finish(workspace.pk, jobs, lambda *_: None)
    return done


def _catch_up(workspace_id: int, model: str, progress: Progress) -> int:
    total, done = sum(reembed.counts(workspace_id).values()), 0
    while rows := reembed.pending(workspace_id, AT_ONCE):
        jobs = [
            NextVectorJob(workspace_id, tuple(rows[start : start + BATCH]), model)
            for start in range(0, len(rows), BATCH)
        ]
        before, rate = done, len(rows) / len(jobs)
        inline_jobs.finish(
            workspace_id,
            jobs,
            lambda at, _: progress(int(before + at * rate), max(total, done)),  # noqa: B023
        )
        done += len(rows)
    progress(done, max(total, done))
    return done
