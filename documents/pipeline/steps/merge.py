"""Extracted documents -> the graph: merged, summarised, embedded, and called processed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import ClassVar

from django.db import transaction

from documents.lifecycle import row_deletion
from documents.lifecycle import versions as lifecycle_versions
from documents.models import Chunk, Document, Status
from documents.pipeline import leases, llm_retry, transitions
from documents.pipeline.jobs import Lane
from documents.workspaces import locks, lookup
from graph.merging import merge, summaries, summary_queue
from graph.merging.summary_queue import DueSummary
from retrieval.index import search_rows
from retrieval.index.search_rows import StaleRow, Touched
from retrieval.llm.base import ChatModel, Vectors
from retrieval.llm.calls import tracing
from retrieval.llm.registry import configured_models
from retrieval.llm.usage.models import LLMCall

BATCH = 64


@dataclass(frozen=True, slots=True)
class Merged:
    """Documents that entered the graph together, and what that touched."""

    workspace_id: int
    documents: tuple[Document, ...]
    touched: Touched


def merge_documents(
    workspace_id: int, owner: str, document_ids: Sequence[int]
) -> Merged:
    """Fold these documents into the graph in one short transaction.

    Those that were deleted, cancelled or taken over by another worker are left out.
    """
    with tracing.span("merge"), transaction.atomic():
        locks.lock_and_invalidate(workspace_id)
        documents = held(owner, document_ids)
        versions = [document for document in documents if document.replaces_id]
        silent = lifecycle_versions.replace_current(workspace_id, versions)
        chunks = Chunk.objects.filter(document__in=documents)
        touched = merge.run(workspace_id, list(chunks.values_list("pk", flat=True)))
        left = row_deletion.prune_graph(workspace_id, silent).left
        transitions.make_findable([document.pk for document in versions])
    return Merged(workspace_id, documents, left | touched)


def finish(owner: str, merged: Merged) -> None:
    """Call the documents processed; their chunks can be found from this commit on."""
    with tracing.span("finish"), transaction.atomic():
        locks.lock_and_invalidate(merged.workspace_id)
        ids = [document.pk for document in merged.documents]
        transitions.succeed(held(owner, ids))


def held(owner: str, document_ids: Sequence[int]) -> tuple[Document, ...]:
    """Those of the documents that `owner` still has in hand, locked."""
    return tuple(
        Document.objects.select_for_update()
        .filter(
            pk__in=document_ids,
            lease_owner=owner,
            status=Status.PROCESSING,
            cancelled=False,
        )
        .order_by("pk")
    )


@dataclass(frozen=True, slots=True)
class SummaryJob:
    """One merged description to summarise."""

    purpose: ClassVar = LLMCall.Purpose.SUMMARY
    lane: ClassVar = Lane.SUMMARY
    workspace_id: int
    due: DueSummary
    chat: ChatModel

    async def run(self) -> str:
        """The summary."""
        due, limits = self.due, summaries.limits()
        summarise = partial(
            summaries.summarise, self.chat, due.name, due.descriptions, limits
        )
        return await llm_retry.outlast(summarise)

    def store(self, done: Sequence[tuple[SummaryJob, str]]) -> None:
        """Keep the summaries, in one transaction."""
        with transaction.atomic():
            locks.lock_and_invalidate(self.workspace_id)
            summary_queue.keep([(job.due, summary) for job, summary in done])


def summary_jobs(workspace_id: int, owner: str, touched: Touched) -> list[SummaryJob]:
    """A job for each description that is due and that no living owner has a job for.

    None where no model is configured. Each is this owner's until `release_summaries`.
    """
    chat = configured_models.extract_chat()
    if chat is None or touched == Touched():
        return []
    with transaction.atomic():
        locks.lock_workspace(workspace_id)
        due = summary_queue.claim(touched, owner, leases.living())
    return [SummaryJob(workspace_id, one, chat) for one in due]


def release_summaries(workspace_id: int, owner: str, touched: Touched) -> None:
    """Let others ask for the summaries of what this owner had claimed."""
    with transaction.atomic():
        locks.lock_workspace(workspace_id)
        summary_queue.release(owner, touched)


def of_summaries(jobs: Sequence[SummaryJob]) -> Touched:
    """What these jobs summarise."""
    return Touched(
        tuple(job.due.id for job in jobs if job.due.kind == "entity"),
        tuple(job.due.id for job in jobs if job.due.kind == "relation"),
    )


@dataclass(frozen=True, slots=True)
class GraphVectorJob:
    """Some entities and relations to embed."""

    purpose: ClassVar = LLMCall.Purpose.EMBEDDING
    lane: ClassVar = Lane.EMBEDDING
    workspace_id: int
    rows: tuple[StaleRow, ...]
    model: str

    async def run(self) -> Vectors:
        """A row for each."""
        texts = [row.text for row in self.rows]
        embed = partial(configured_models.embedder(self.model).embed_documents, texts)
        return await llm_retry.outlast(embed)

    def store(self, done: Sequence[tuple[GraphVectorJob, Vectors]]) -> None:
        """Write their search rows, in one transaction."""
        with transaction.atomic():
            locks.lock_and_invalidate(self.workspace_id)
            for job, vectors in done:
                search_rows.write(job.workspace_id, job.model, job.rows, vectors)


def vector_jobs(workspace_id: int, touched: Touched | None) -> list[GraphVectorJob]:
    """Jobs for what of `touched` (None: of all) was changed since it was embedded."""
    rows = iter(search_rows.stale(workspace_id, touched))
    model = lookup.embedding_model(workspace_id)
    found = []
    while some := tuple(islice(rows, BATCH)):
        found.append(GraphVectorJob(workspace_id, some, model))
    return found
