"""The end of the write path: extracted documents enter the graph in batches.

merge -> summarize -> embed entities and relations -> processed
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from django.db import (
    DataError,
    IntegrityError,
    InternalError,
    ProgrammingError,
    transaction,
)

from documents.files import file_storage
from documents.models import Document
from documents.pipeline import transitions
from documents.pipeline.database_steps import DatabaseSteps
from documents.pipeline.job_runner import JobRunner
from documents.pipeline.jobs import Job, JobOwner
from documents.pipeline.steps import embed_graph, merge, summarize
from documents.pipeline.steps.merge import Merged
from documents.pipeline.steps.summarize import SummaryJob
from retrieval.index.search_rows import Touched

MERGE_AT = 16
"""Number of waiting documents that are merged without waiting for more."""
MERGE_AFTER_SECONDS = 1.0
"""Time after which waiting documents are merged, however few they are."""

BAD_DATA = (DataError, IntegrityError, InternalError, ProgrammingError)
"""Errors of one document's data, which must not fail the rest of its batch."""

StartTask = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]


@dataclass(frozen=True, slots=True)
class RunResources:
    """The objects that the steps of a run share."""

    lease_owner: str
    database: DatabaseSteps
    jobs: JobRunner


@dataclass(slots=True)
class Batch:
    """Documents of one workspace that are merged together."""

    documents: dict[int, Document] = field(default_factory=dict)
    processed: asyncio.Event = field(default_factory=asyncio.Event)
    error: Exception | None = None
    task: asyncio.Task[None] | None = None

    def leave(self, document_id: int) -> None:
        """Remove a cancelled document; cancel the batch if it was the last one."""
        self.documents.pop(document_id, None)
        if self.task and not self.documents:
            self.task.cancel()


class MergeStage:
    """Collects extracted documents and merges them, many in one transaction.

    `changed` is set when a document arrives; the run then calls `merge_if_due`.
    `expected` returns how many documents are on their way here.
    """

    def __init__(
        self,
        resources: RunResources,
        start_task: StartTask,
        changed: asyncio.Event,
        expected: Callable[[], int],
    ) -> None:
        self._resources = resources
        self._start_task = start_task
        self._changed = changed
        self._expected = expected
        self._seconds = MERGE_AFTER_SECONDS
        self._waiting: dict[int, Batch] = {}
        """The batch of each workspace that is not merged yet."""
        self._since = 0.0

    async def process(self, document: Document) -> None:
        """Return when the document is processed, or failed. Raises the batch's error."""
        if not self._waiting:
            self._since = time.monotonic()
        batch = self._waiting.setdefault(document.workspace_id, Batch())
        batch.documents[document.pk] = document
        self._changed.set()
        try:
            await batch.processed.wait()
        except asyncio.CancelledError:
            batch.leave(document.pk)
            raise
        if batch.error:
            raise batch.error

    def merge_if_due(self) -> None:
        """Start merging if enough documents are waiting or the maximum wait has passed.

        Enough documents are MERGE_AT, or all that are still expected if they are fewer.
        """
        count = sum(len(batch.documents) for batch in self._waiting.values())
        waited = time.monotonic() - self._since > self._seconds
        if count and (waited or count >= min(MERGE_AT, self._expected())):
            batches, self._waiting = self._waiting, {}
            for workspace_id, batch in batches.items():
                if batch.documents:
                    batch.task = self._start_task(self._run(workspace_id, batch))

    async def _run(self, workspace_id: int, batch: Batch) -> None:
        try:
            await merge_batch(
                self._resources, workspace_id, list(batch.documents.values())
            )
        except Exception as error:  # noqa: BLE001 - raised in each document's coroutine
            batch.error = error
        finally:
            batch.processed.set()


async def merge_batch(
    resources: RunResources, workspace_id: int, documents: Sequence[Document]
) -> None:
    """Merge documents of a workspace; after a data error, merge each document alone."""
    ids = [document.pk for document in documents]
    step = partial(merge_and_claim, workspace_id, resources.lease_owner, ids)
    try:
        merged, due = await resources.database.run(step)
    except BAD_DATA as error:
        if len(documents) == 1:
            await fail(resources, documents, error)
            return
        for document in documents:
            await merge_batch(resources, workspace_id, [document])
        return
    await summarize_and_embed(resources, merged, due)
    await embed_and_finish(resources, merged)


def merge_and_claim(
    workspace_id: int, lease_owner: str, document_ids: Sequence[int]
) -> tuple[Merged, list[SummaryJob]]:
    """Merge the documents, and claim the summaries that are due. One transaction."""
    with transaction.atomic():
        merged = merge.merge_documents(workspace_id, lease_owner, document_ids)
        return merged, summarize.claim_jobs(workspace_id, lease_owner, merged.touched)


async def summarize_and_embed(
    resources: RunResources, merged: Merged, due: Sequence[SummaryJob]
) -> None:
    """Summarize what is due, and meanwhile embed what needs no summary.

    If a summary fails, the joined descriptions are kept. A description that
    other documents extended meanwhile may be due again.
    """
    owner = JobOwner(merged.workspace_id)
    while due:
        claimed = summarize.rows_of(due)
        load = partial(
            embed_graph.vector_jobs, merged.workspace_id, merged.touched - claimed
        )
        release = partial(
            summarize.release, merged.workspace_id, resources.lease_owner, claimed
        )
        try:
            vectors = await resources.database.run(load)
            jobs: list[Job] = [*due, *vectors]
            errors = await resources.jobs.run(owner, jobs)
        except BaseException:
            resources.database.post(object(), lambda _: release(), None)  # noqa: B023
            raise
        due = await resources.database.run(
            partial(release_and_claim, resources, merged, claimed, again=not errors)
        )


def release_and_claim(
    resources: RunResources, merged: Merged, claimed: Touched, *, again: bool
) -> list[SummaryJob]:
    """Release claimed summaries; with `again`, claim those that are due again."""
    workspace_id, owner = merged.workspace_id, resources.lease_owner
    with transaction.atomic():
        summarize.release(workspace_id, owner, claimed)
        return summarize.claim_jobs(workspace_id, owner, claimed) if again else []


async def embed_and_finish(resources: RunResources, merged: Merged) -> None:
    """Embed the entities and relations that changed, and mark the documents processed."""
    load = partial(embed_graph.vector_jobs, merged.workspace_id, merged.touched)
    vectors = await resources.database.run(load)
    errors = await resources.jobs.run(JobOwner(merged.workspace_id), vectors)
    if errors:
        await fail(resources, merged.documents, errors[0])
    else:
        await resources.database.run(partial(finish, resources.lease_owner, merged))


def finish(lease_owner: str, merged: Merged) -> None:
    merge.finish(lease_owner, merged)
    file_storage.archive(merged.documents)


async def fail(
    resources: RunResources, documents: Sequence[Document], error: Exception
) -> None:
    """Mark documents failed."""
    for document in documents:
        await resources.database.run(
            partial(transitions.fail_with_error, document, error, "processing")
        )
