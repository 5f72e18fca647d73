"""Locks of document rows, taken in the order of their ids to prevent deadlocks."""

from __future__ import annotations

from django.db.models import QuerySet

from documents.models import Document


def in_order(documents: QuerySet[Document]) -> QuerySet[Document]:
    """Return the same documents for an `update` that locks all rows before it writes.

    The update is one statement, and needs a transaction.
    """
    locked = documents.select_for_update(of=("self",), no_key=True).order_by("pk")
    return Document.objects.filter(pk__in=locked.values("pk"))


def lock(documents: QuerySet[Document]) -> list[int]:
    """Lock the rows of the documents, and return their ids in order."""
    locked = documents.select_for_update(of=("self",), no_key=True).order_by("pk")
    return list(locked.values_list("pk", flat=True))
