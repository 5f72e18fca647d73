"""Change the embedding model of a workspace while the old one answers questions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.db import transaction

from documents.models import Workspace
from documents.pipeline import job_runner
from documents.pipeline.steps import embed_graph
from documents.pipeline.steps.embed_graph import GraphVectorJob
from retrieval.index import reembed, search_rows
from retrieval.llm.base import Vectors
from retrieval.llm.config import EmbeddingConfig
from retrieval.llm.registry import configured_models

LOAD_SIZE = 4096
"""Number of texts of each kind that are loaded together."""
BATCH_SIZE = 64
"""Default number of texts per call of the model."""

Progress = Callable[[int, int], None]
"""Called with the number of embedded texts and the estimated number of all texts."""


@dataclass(frozen=True, slots=True)
class NextVectorJob(GraphVectorJob):
    """Some texts to embed with the new model. A failed call ends the migration."""

    async def run(self) -> Vectors:
        """Return a vector for each text."""
        texts = [row.text for row in self.rows]
        return await configured_models.embedder(self.model).embed_documents(texts)

    def store(self, done: Sequence[tuple[GraphVectorJob, Vectors]]) -> None:
        """Store the vectors beside those in use, in one transaction."""
        with transaction.atomic():
            for job, vectors in done:
                reembed.store(job.workspace_id, job.rows, vectors)


def migrate(
    workspace: Workspace,
    new: EmbeddingConfig,
    progress: Progress,
    *,
    batch_size: int = BATCH_SIZE,
) -> int:
    """Embed everything with `new`, then switch; return the number of embedded texts.

    After an interruption, the next call continues where this one stopped. What is
    written meanwhile is embedded by both models. Raises the new model's `LLMError`.
    """
    reembed.begin(workspace.pk, new.label, new.dimensions)
    done = 0
    while True:
        done += _embed_pending(workspace.pk, new.label, progress, batch_size)
        reembed.make_indexes(workspace.pk)
        if reembed.switch(workspace.pk):
            break
    search_rows.mark_stale(workspace.pk)
    jobs = embed_graph.vector_jobs(workspace.pk, None)
    job_runner.run_and_wait(workspace.pk, jobs, lambda *_: None)
    return done


def _embed_pending(
    workspace_id: int, model: str, progress: Progress, batch_size: int = BATCH_SIZE
) -> int:
    total, done = sum(reembed.counts(workspace_id).values()), 0
    while rows := reembed.pending(workspace_id, LOAD_SIZE):
        jobs = [
            NextVectorJob(workspace_id, tuple(rows[start : start + batch_size]), model)
            for start in range(0, len(rows), batch_size)
        ]
        before, rate = done, len(rows) / len(jobs)
        job_runner.run_and_wait(
            workspace_id,
            jobs,
            lambda at, _: progress(int(before + at * rate), max(total, done)),  # noqa: B023
        )
        done += len(rows)
    progress(done, max(total, done))
    return done
