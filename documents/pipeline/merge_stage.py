"""The end of the write path: extracted documents are merged into the graph, what is due
there is summarised and embedded, and then they are processed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from django.db import (
    DataError,
    IntegrityError,
    InternalError,
    ProgrammingError,
    transaction,
)

from documents.files import archive
from documents.pipeline.jobs import Job
from documents.pipeline.leased_documents import InHand, by_workspace
from documents.pipeline.merge_batcher import Ready
from documents.pipeline.steps import merge
from documents.pipeline.steps.merge import Merged, SummaryJob


class Finishing:
    """The documents of a worker that have been extracted, and how far each has come."""

    def __init__(self, in_hand: InHand) -> None:
        self.in_hand = in_hand
        self.owner = in_hand.owner
        self.crew = in_hand.crew
        self.ready = Ready()

    def merge_ready(self) -> None:
        """Merge the documents that wait for it, many in one transaction."""
        ready = self.in_hand.of(self.ready.take(coming=len(self.in_hand.asked_about)))
        for workspace_id, some in by_workspace(ready):
            self.merge(workspace_id, [document.pk for document in some])

    def merge(self, workspace_id: int, document_ids: Sequence[int]) -> None:
        try:
            with transaction.atomic():
                merged = merge.merge_documents(workspace_id, self.owner, document_ids)
                due = merge.summary_jobs(workspace_id, self.owner, merged.touched)
        except (DataError, IntegrityError, InternalError, ProgrammingError) as error:
            self.isolate(workspace_id, document_ids, error)
            return
        for gone in set(document_ids) - {d.pk for d in merged.documents}:
            self.in_hand.forget(gone)
        self.summarise(merged, due)

    def isolate(
        self, workspace_id: int, document_ids: Sequence[int], error: Exception
    ) -> None:
        """One document's data must not keep the others from being merged."""
        if len(document_ids) == 1:
            self.in_hand.fail(document_ids[0], error)
            return
        for document_id in document_ids:
            self.merge(workspace_id, [document_id])

    def summarise(self, merged: Merged, due: Sequence[SummaryJob]) -> None:
        """And embed meanwhile what needs no summary."""
        if not due:
            self.embed(merged)
            return
        rest = merged.touched - merge.of_summaries(due)
        vectors = merge.vector_jobs(merged.workspace_id, rest)
        jobs: list[Job] = [*due, *vectors]
        key, then = ("summaries", id(merged)), partial(self.summarised, merged, due)
        self.crew.start(merged.workspace_id, key, jobs, then)

    def summarised(
        self,
        merged: Merged,
        done: Sequence[SummaryJob],
        errors: Sequence[BaseException],
    ) -> None:
        """A summary that failed leaves the joined description in its place; one that
        came may be due again by what was merged meanwhile."""
        touched, due = merge.of_summaries(done), list[SummaryJob]()
        with transaction.atomic():
            merge.release_summaries(merged.workspace_id, self.owner, touched)
            if not errors:
                due = merge.summary_jobs(merged.workspace_id, self.owner, touched)
        self.summarise(merged, due)

    def embed(self, merged: Merged) -> None:
        jobs = merge.vector_jobs(merged.workspace_id, merged.touched)
        key = ("vectors", id(merged))
        self.crew.start(merged.workspace_id, key, jobs, partial(self.embedded, merged))

    def embedded(self, merged: Merged, errors: Sequence[BaseException]) -> None:
        if errors:
            for document in merged.documents:
                self.in_hand.fail(document.pk, errors[0])
            return
        merge.finish(self.owner, merged)
        archive.archive(merged.documents)
        for document in merged.documents:
            self.in_hand.forget(document.pk)
