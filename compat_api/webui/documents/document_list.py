"""Which documents a list shows: filtered, searched, sorted, a page at a time."""

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
WORKING = "working"
GROUPS: dict[str, tuple[Status, ...]] = {
    "": (),
    "processed": (Status.PROCESSED,),
    WORKING: (
        Status.PARSING,
        Status.ANALYZING,
        Status.PROCESSING,
        Status.PREPROCESSED,
    ),
    "pending": (Status.PENDING,),
    "failed": (Status.FAILED,),
}
"""The filters: LightRAG's states as far as they differ for a reader."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What the address asks for; what it says wrong is passed over."""

    group: str = ""
    search: str = ""
    tag: str = ""
    sort: SortField = "updated_at"
    descending: bool = True
    number: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Asked:
        """`status`, `q`, `tag`, `sort` (a minus before it: descending) and `page`."""
        group, sort = query.get("status", ""), query.get("sort", "-updated_at")
        page = query.get("page", "1")
        known = sort.removeprefix("-") in get_args(SortField)
        return cls(
            group=group if group in GROUPS else "",
            search=query.get("q", "").strip()[:200],
            tag=query.get("tag", "").strip()[:200],
            sort=cast("SortField", sort.removeprefix("-")) if known else "updated_at",
            descending=sort.startswith("-") if known else True,
            number=int(page) if page.isdecimal() and int(page[:9]) > 0 else 1,
        )

    def address(self, **changes: object) -> str:
        """The query string of this list with changes; without `page` the first one."""
        values = {
            "status": self.group,
            "q": self.search,
            "tag": self.tag,
            "sort": f"-{self.sort}" if self.descending else self.sort,
            **changes,
        }
        kept = {key: value for key, value in values.items() if value}
        return f"?{urlencode(kept)}"


@dataclass(frozen=True, slots=True)
class Found:
    """One page; `counts` are of the whole workspace, by group."""

    documents: list[Document]
    total: int
    counts: dict[str, int]

    @property
    def everything(self) -> int:
        """How many documents the workspace has."""
        return self.counts[""]

    @property
    def pages(self) -> int:
        """How many pages there are, one at least."""
        return max(1, -(-self.total // PAGE_SIZE))


def find(workspace: Workspace, asked: Asked) -> Found:
    """Two queries, three where names or tags are searched."""
    counts = by_group(listing.status_counts(workspace))
    rows = listing.of(workspace).only(*listing.LISTED)
    if asked.group:
        rows = rows.filter(status__in=GROUPS[asked.group])
    if asked.search:
        rows = rows.filter(name__icontains=asked.search)
    if asked.tag:
        rows = rows.filter(tags__contains=[asked.tag])
    total = rows.count() if asked.search or asked.tag else counts[asked.group]
    return Found(page(progress.with_progress(rows), asked, total), total, counts)


def page(rows: QuerySet[Document], asked: Asked, total: int) -> list[Document]:
    """The documents of one page, read from whichever end of the list is nearer."""
    start = (asked.number - 1) * PAGE_SIZE
    size = min(PAGE_SIZE, total - start)
    if size <= 0:
        return []
    backwards = start > total // 2
    descending = asked.descending != backwards
    by = listing.order(PageRequest(sort=asked.sort, descending=descending))
    first = total - start - size if backwards else start
    found = list(rows.order_by(*by)[first : first + size])
    return found[::-1] if backwards else found


def by_group(counts: Mapping[str, int]) -> dict[str, int]:
    """Documents of each filter."""
    return {
        group: sum(counts[status] for status in statuses) if group else counts["all"]
        for group, statuses in GROUPS.items()
    }
