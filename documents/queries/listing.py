"""Lists of documents: pages, counts by status, and what one call handed in."""

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


@dataclass(frozen=True, slots=True)
class PageRequest:
    """Which page, 1 being the first; no statuses means all of them."""

    statuses: tuple[Status, ...] = ()
    number: int = 1
    size: int = 50
    sort: SortField = "updated_at"
    descending: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    """One page; `total` counts what the filter lets through, `counts` everything."""

    documents: list[Document]
    total: int
    counts: dict[str, int]


def status_counts(workspace: Workspace) -> dict[str, int]:
    """Documents by status, every status named, and `all`; one query."""
    grouped = of(workspace).values("status").annotate(count=Count("*"))
    rows = dict(grouped.order_by("status").values_list("status", "count"))
    counts = {status.value: rows.get(status.value, 0) for status in Status}
    return counts | {"all": sum(counts.values())}


def page(workspace: Workspace, request: PageRequest) -> Page:
    """Two queries, and one where the page lies past the end."""
    counts = status_counts(workspace)
    wanted = request.statuses or tuple(Status)
    total = sum(counts[status] for status in wanted)
    start = (request.number - 1) * request.size
    if start >= total:
        return Page([], total, counts)
    rows = of(workspace).only(*LISTED)
    if request.statuses:
        rows = rows.filter(status__in=request.statuses)
    ordered = rows.order_by(*order(request))
    return Page(list(ordered[start : start + request.size]), total, counts)


def order(request: PageRequest) -> tuple[str, str]:
    """The column, and the id behind it so that pages do not overlap."""
    sign = "-" if request.descending else ""
    return f"{sign}{COLUMNS[request.sort]}", f"{sign}id"


def tracked(workspace: Workspace, track_id: str) -> list[Document]:
    """The documents that one call or scan handed in, oldest first."""
    return list(of(workspace).filter(track_id=track_id).only(*LISTED).order_by("id"))


def newest_by_status(workspace: Workspace) -> dict[str, list[Document]]:
    """The latest documents of each status that has any, ROWS_PER_STATUS at most; one query."""
    slices = [
        of(workspace)
        .filter(status=status)
        .only(*LISTED)
        .order_by("-updated_at")[:ROWS_PER_STATUS]
        for status in Status
    ]
    found: dict[str, list[Document]] = {}
    for document in reduce(lambda some, more: some.union(more, all=True), slices):
        found.setdefault(document.status, []).append(document)
    return found


def find(workspace: Workspace, public_id: str) -> Document:
    """The document of that id; raises UnknownDocument."""
    found = of(workspace).filter(public_id=public_id).first()
    if found is None:
        raise UnknownDocument(f"There is no document '{public_id}'.")
    return found


def of(workspace: Workspace) -> QuerySet[Document]:
    """The workspace's documents."""
    return Document.objects.filter(workspace=workspace)
