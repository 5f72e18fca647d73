"""Lists of documents: pages, counts by status, and the documents of one upload."""

from __future__ import annotations

from dataclasses import dataclass
from functools import reduce
from typing import Literal

from django.db.models import Count, QuerySet

from documents.errors import UnknownDocument
from documents.models import Document, Status, Workspace

SortField = Literal["created_at", "updated_at", "id", "file_path"]
COLUMNS: dict[SortField, str] = {
    "created_at": "created_at",
    "updated_at": "updated_at",
    "id": "public_id",
    "file_path": "name",
}
LISTED = (
    "public_id",
    "name",
    "status",
    "content_summary",
    "content_length",
    "track_id",
    "chunks_count",
    "error_msg",
    "metadata",
    "tags",
    "created_at",
    "updated_at",
)
ROWS_PER_STATUS = 1000
"""Upper bound on the documents that `newest_by_status` returns for each status."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """The requested page, counted from 1; without statuses, documents of all statuses."""

    statuses: tuple[Status, ...] = ()
    number: int = 1
    size: int = 50
    sort: SortField = "updated_at"
    descending: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    """A page of documents.

    `total` is the number of documents that match the filter, `counts` the number of all
    documents of the workspace by status.
    """

    documents: list[Document]
    total: int
    counts: dict[str, int]


def status_counts(workspace: Workspace) -> dict[str, int]:
    """Return the number of documents by status, zeros included, and `all`; one query."""
    grouped = all_documents(workspace).values("status").annotate(count=Count("*"))
    rows = dict(grouped.order_by("status").values_list("status", "count"))
    counts = {status.value: rows.get(status.value, 0) for status in Status}
    return counts | {"all": sum(counts.values())}


def page(workspace: Workspace, request: PageRequest) -> Page:
    """Return a page. Two queries, one if the page is past the end."""
    counts = status_counts(workspace)
    statuses = request.statuses or tuple(Status)
    total = sum(counts[status] for status in statuses)
    start = (request.number - 1) * request.size
    if start >= total:
        return Page([], total, counts)
    rows = all_documents(workspace).only(*LISTED)
    if request.statuses:
        rows = rows.filter(status__in=request.statuses)
    ordered = rows.order_by(*order(request))
    return Page(list(ordered[start : start + request.size]), total, counts)


def order(request: PageRequest) -> tuple[str, str]:
    """Return the ORDER BY columns; the id makes the order unique."""
    sign = "-" if request.descending else ""
    return f"{sign}{COLUMNS[request.sort]}", f"{sign}id"


def by_track_id(workspace: Workspace, track_id: str) -> list[Document]:
    """Return the documents of one upload or scan, oldest first."""
    return list(
        all_documents(workspace).filter(track_id=track_id).only(*LISTED).order_by("id")
    )


def newest_by_status(workspace: Workspace) -> dict[str, list[Document]]:
    """Return the latest documents of each status in use. One query."""
    slices = [
        all_documents(workspace)
        .filter(status=status)
        .only(*LISTED)
        .order_by("-updated_at")[:ROWS_PER_STATUS]
        for status in Status
    ]
    documents: dict[str, list[Document]] = {}
    for document in reduce(lambda left, right: left.union(right, all=True), slices):
        documents.setdefault(document.status, []).append(document)
    return documents


def get(workspace: Workspace, public_id: str) -> Document:
    """Return the document with that public id; raise UnknownDocument."""
    document = all_documents(workspace).filter(public_id=public_id).first()
    if document is None:
        raise UnknownDocument(f"Document not found: {public_id}.")
    return document


def all_documents(workspace: Workspace) -> QuerySet[Document]:
    """Return a query of the workspace's documents."""
    return Document.objects.filter(workspace=workspace)
