"""How far documents have come, counted in one statement for a whole page of them."""

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
    """Adds `chunks_done`: chunks whose extraction is stored.

    Finished documents are not counted, and a failed one shows what its retry need not
    pay for again.
    """
    extracted = Chunk.objects.filter(document=OuterRef("pk"), extraction__isnull=False)
    return documents.annotate(
        chunks_done=Case(
            When(status=Status.PROCESSED, then=F("chunks_count")),
            When(chunks_count=0, then=Value(0)),
            default=_number(extracted, "document"),
            output_field=IntegerField(),
        )
    )


def counted(chunks: QuerySet[Chunk]) -> QuerySet[Chunk]:
    """Adds `entities` and `relations`: how many mentions the chunk has of each.

    They are subqueries, so that only the rows of the page asked for are counted.
    """
    return chunks.annotate(
        entities=_number(EntityMention.objects.filter(chunk=OuterRef("pk")), "chunk"),
        relations=_number(
            RelationMention.objects.filter(chunk=OuterRef("pk")), "chunk"
        ),
    )


def _number(rows: QuerySet[Any], outer: str) -> Coalesce:
    counts = rows.order_by().values(outer).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counts), Value(0))


def percent(document: Document) -> int:
    """0 to 100; 100 is only what is processed."""
    done: int = document.chunks_done  # type: ignore[attr-defined]
    if document.status == Status.PROCESSED:
        return 100
    return min(99, 100 * done // max(document.chunks_count, 1))


def counts_by_status(workspace_id: str | None = None) -> dict[str, int]:
    """Documents of each status, of one workspace or of all; one statement."""
    documents = Document.objects.order_by()
    if workspace_id:
        documents = documents.filter(workspace_id=workspace_id)
    return dict(documents.values_list("status").annotate(n=Count("*")))
