"""Documents locked smallest id first, so that no two writers wait for each other."""

from __future__ import annotations

from django.db.models import QuerySet

from documents.models import Document


def in_order(documents: QuerySet[Document]) -> QuerySet[Document]:
    """The same documents, for an update: it locks all their rows before it writes.

    In one statement, within a transaction.
    """
    locked = documents.select_for_update(of=("self",), no_key=True).order_by("pk")
    return Document.objects.filter(pk__in=locked.values("pk"))


def lock(documents: QuerySet[Document]) -> list[int]:
    """The ids of the documents, in order, their rows locked."""
    locked = documents.select_for_update(of=("self",), no_key=True).order_by("pk")
    return list(locked.values_list("pk", flat=True))
