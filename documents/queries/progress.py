"""Progress of documents, counted in one statement for a page of them."""

from __future__ import annotations

from typing import Any

from django.db.models import (
    Case,
    Count,
    F,
    IntegerField,
    OuterRef,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce

from documents.models import Chunk, Document, Status
from graph.models import EntityMention, RelationMention


def with_progress(documents: QuerySet[Document]) -> QuerySet[Document]:
    """Add `chunks_done`: the number of chunks whose extraction is stored.

    Processed documents are not counted. For a failed document it is the number of chunks
    that a retry will not extract again.
    """
    extracted = Chunk.objects.filter(document=OuterRef("pk"), extraction__isnull=False)
    return documents.annotate(
        chunks_done=Case(
            When(status=Status.PROCESSED, then=F("chunks_count")),
            When(chunks_count=0, then=Value(0)),
            default=_count(extracted, "document"),
            output_field=IntegerField(),
        )
    )


def with_mention_counts(chunks: QuerySet[Chunk]) -> QuerySet[Chunk]:
    """Add `entities` and `relations`: the number of the chunk's mentions of each.

    They are subqueries, so that only the rows of the requested page are counted.
    """
    return chunks.annotate(
        entities=_count(EntityMention.objects.filter(chunk=OuterRef("pk")), "chunk"),
        relations=_count(RelationMention.objects.filter(chunk=OuterRef("pk")), "chunk"),
    )


def _count(rows: QuerySet[Any], outer: str) -> Coalesce:
    counts = rows.order_by().values(outer).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counts), Value(0))


def percent(document: Document) -> int:
    """Return 0 to 100; only processed documents have 100."""
    done: int = document.chunks_done  # type: ignore[attr-defined]
    if document.status == Status.PROCESSED:
        return 100
    return min(99, 100 * done // max(document.chunks_count, 1))


def counts_by_status(workspace_id: str | None = None) -> dict[str, int]:
    """Return the number of documents by status, of one or all workspaces. One statement."""
    documents = Document.objects.order_by()
    if workspace_id:
        documents = documents.filter(workspace_id=workspace_id)
    return dict(documents.values_list("status").annotate(n=Count("*")))
