"""Which documents a list shows: filtered, searched, sorted, a page at a time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast, get_args
from urllib.parse import urlencode

from documents import listing, progress
from documents.listing import PageRequest, SortField
from documents.models import Document, Status, Workspace

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
    sort: SortField = "updated_at"
    descending: bool = True
    number: int = 1

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Asked:
        """`status`, `q`, `sort` (a minus before it: descending) and `page`."""
        group, sort = query.get("status", ""), query.get("sort", "-updated_at")
        page = query.get("page", "1")
        known = sort.removeprefix("-") in get_args(SortField)
        return cls(
            group=group if group in GROUPS else "",
            search=query.get("q", "").strip()[:200],
            sort=cast("SortField", sort.removeprefix("-")) if known else "updated_at",
            descending=sort.startswith("-") if known else True,
            number=int(page) if page.isdecimal() and int(page[:9]) > 0 else 1,
        )

    def address(self, **changes: object) -> str:
        """The query string of this list with changes; without `page` the first one."""
        values = {
            "status": self.group,
            "q": self.search,
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
    """Two queries, three where names are searched."""
    counts = by_group(listing.status_counts(workspace))
    rows = listing.of(workspace).only(*listing.LISTED)
    if asked.group:
        rows = rows.filter(status__in=GROUPS[asked.group])
    if asked.search:
        rows = rows.filter(name__icontains=asked.search)
    total = rows.count() if asked.search else counts[asked.group]
    start = (asked.number - 1) * PAGE_SIZE
    by = listing.order(PageRequest(sort=asked.sort, descending=asked.descending))
    shown = progress.with_progress(rows).order_by(*by)[start : start + PAGE_SIZE]
    return Found(list(shown) if start < total else [], total, counts)


def by_group(counts: Mapping[str, int]) -> dict[str, int]:
    """Documents of each filter."""
    return {
        group: sum(counts[status] for status in statuses) if group else counts["all"]
        for group, statuses in GROUPS.items()
    }
