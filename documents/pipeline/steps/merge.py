"""Merge extracted documents into the graph, and mark them processed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction

from documents.lifecycle import row_deletion, versions
from documents.models import Chunk, Document, Status
from documents.pipeline import leases, transitions
from documents.workspaces import locks
from graph.merging import merge
from retrieval.index.search_rows import Touched
from retrieval.llm.calls import tracing


@dataclass(frozen=True, slots=True)
class Merged:
    """Documents that were merged together, and the rows that this changed."""

    workspace_id: int
    documents: tuple[Document, ...]
    touched: Touched


def merge_documents(
    workspace_id: int, owner: str, document_ids: Sequence[int]
) -> Merged:
    """Merge the documents into the graph in one short transaction.

    Leave out those that were deleted, cancelled or leased by another worker.
    """
    with tracing.span("merge"), transaction.atomic():
        locks.lock_and_invalidate(workspace_id)
        documents = lock_leased(owner, document_ids)
        new_versions = [document for document in documents if document.replaces_id]
        silent = versions.replace_current(workspace_id, new_versions)
        chunks = Chunk.objects.filter(document__in=documents)
        touched = merge.run(workspace_id, list(chunks.values_list("pk", flat=True)))
        remaining = row_deletion.prune_graph(workspace_id, silent).remaining
        transitions.make_findable([document.pk for document in new_versions])
        leases.renew_locked([document.pk for document in documents])
    return Merged(workspace_id, documents, remaining | touched)


def finish(owner: str, merged: Merged) -> None:
    """Mark the documents processed."""
    with tracing.span("finish"), transaction.atomic():
        locks.lock_and_invalidate(merged.workspace_id)
        ids = [document.pk for document in merged.documents]
        transitions.succeed(lock_leased(owner, ids))


def lock_leased(owner: str, document_ids: Sequence[int]) -> tuple[Document, ...]:
    """Lock and return the documents that `owner` still holds."""
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
