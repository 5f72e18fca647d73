"""The documents that the list shows: filtered, searched, sorted and paginated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast, get_args
from urllib.parse import urlencode

from django.db.models import QuerySet

from documents.models import Document, Status, Workspace
from documents.queries import listing, progress
from documents.queries.listing import PageRequest, SortField

PAGE_SIZE = 50
PROCESSING = "processing"
GROUPS: dict[str, tuple[Status, ...]] = {
    "": (),
    "processed": (Status.PROCESSED,),
    PROCESSING: (
        Status.PARSING,
        Status.ANALYZING,
        Status.PROCESSING,
        Status.PREPROCESSED,
    ),
    "pending": (Status.PENDING,),
    "failed": (Status.FAILED,),
}
"""The filters, each with LightRAG's statuses that it includes."""
OLD_GROUPS = {"working": PROCESSING}
"""Names of filters in bookmarks of version 0.1.0."""


@dataclass(frozen=True, slots=True)
class ListQuery:
    """The parameters of the list. Invalid values are replaced by the defaults."""

    group: str = ""
    search: str = ""
    tag: str = ""
    sort: SortField = "updated_at"
    descending: bool = True
    page: int = 1

    @classmethod
    def parse(cls, parameters: Mapping[str, str]) -> ListQuery:
        """Parse `status`, `q`, `tag`, `page` and `sort` (with a minus: descending)."""
        group = parameters.get("status", "")
        group = OLD_GROUPS.get(group, group)
        sort = parameters.get("sort", "-updated_at")
        page = parameters.get("page", "1")
        is_valid = sort.removeprefix("-") in get_args(SortField)
        return cls(
            group=group if group in GROUPS else "",
            search=parameters.get("q", "").strip()[:200],
            tag=parameters.get("tag", "").strip()[:200],
            sort=cast("SortField", sort.removeprefix("-"))
            if is_valid
            else "updated_at",
            descending=sort.startswith("-") if is_valid else True,
            page=max(int(page), 1) if page.isdecimal() and len(page) < 10 else 1,
        )

    def url(self, **changes: object) -> str:
        """Return the query string with changes; without `page` it is the first page."""
        values = {
            "status": self.group,
            "q": self.search,
            "tag": self.tag,
            "sort": f"-{self.sort}" if self.descending else self.sort,
            **changes,
        }
        return f"?{urlencode({key: value for key, value in values.items() if value})}"


@dataclass(frozen=True, slots=True)
class ListResult:
    """One page of `total` documents; `counts` are of the whole workspace, by filter."""

    documents: list[Document]
    total: int
    counts: dict[str, int]

    @property
    def document_count(self) -> int:
        """Return the number of documents in the workspace."""
        return self.counts[""]

    @property
    def pages(self) -> int:
        """Return the number of pages, at least one."""
        return max(1, -(-self.total // PAGE_SIZE))


def find(workspace: Workspace, query: ListQuery) -> ListResult:
    """Run the query: two SQL queries, or three if names or tags are searched."""
    counts = by_group(listing.status_counts(workspace))
    rows = listing.all_documents(workspace).only(*listing.LISTED)
    if query.group:
        rows = rows.filter(status__in=GROUPS[query.group])
    if query.search:
        rows = rows.filter(name__icontains=query.search)
    if query.tag:
        rows = rows.filter(tags__contains=[query.tag])
    total = rows.count() if query.search or query.tag else counts[query.group]
    return ListResult(page(progress.with_progress(rows), query, total), total, counts)


def page(rows: QuerySet[Document], query: ListQuery, total: int) -> list[Document]:
    """Return the documents of one page.

    Pages in the second half are read from the end of the list, because PostgreSQL reads
    all rows before the page.
    """
    start = (query.page - 1) * PAGE_SIZE
    size = min(PAGE_SIZE, total - start)
    if size <= 0:
        return []
    backwards = start > total // 2
    descending = query.descending != backwards
    by = listing.order(PageRequest(sort=query.sort, descending=descending))
    first = total - start - size if backwards else start
    documents = list(rows.order_by(*by)[first : first + size])
    return documents[::-1] if backwards else documents


def by_group(counts: Mapping[str, int]) -> dict[str, int]:
    """Return the number of documents of each filter."""
    return {
        group: sum(counts[status] for status in statuses) if group else counts["all"]
        for group, statuses in GROUPS.items()
    }
