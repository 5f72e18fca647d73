"""The list of documents: what is in the workspace, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from compat_api.pages import (
    chosen,
    document_list,
    door,
    frame,
    spending,
    standing,
    wording,
)
from compat_api.pages.document_list import PAGE_SIZE, Asked, Found
from compat_api.pages.spending import Spent
from compat_api.pages.wording import Trouble
from documents import pipeline_status, progress, tagging
from documents.models import Document, Workspace
from documents.parsing import registry

FRAGMENT = "X-Page-Fragment"
"""The header of a page's own question for what has changed."""
FILTERS = (
    ("", _("All")),
    ("processed", _("Ready")),
    (document_list.WORKING, _("In work")),
    ("pending", _("Waiting")),
    ("failed", _("Failed")),
)
COLUMNS = (
    ("file_path", _("Name")),
    ("created_at", _("Added")),
    ("updated_at", _("Changed")),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A document as its line of the list shows it."""

    document: Document
    state: str | Promise
    stopped: bool
    percent: int
    trouble: Trouble | None
    spent: Spent | None


@door.needs("documents.view_document")
def show(request: HttpRequest) -> HttpResponse:
    """The page, or only its list where its script asks whether anything has changed."""
    workspace = chosen.workspace(request)
    asked = Asked.of(request.GET.dict())
    values = listed(workspace, asked, document_list.find(workspace, asked))
    values |= allowed(request)
    if request.headers.get(FRAGMENT):
        return render(request, "pages/document_rows.html", values)
    values |= {
        "points": standing.points(),
        "suffixes": ",".join(registry.SUPPORTED),
        "tags": tagging.known(workspace),
    }
    return frame.show(request, "pages/documents.html", "documents", values)


def allowed(request: HttpRequest) -> dict[str, bool]:
    """What this caller may do with documents."""
    return {
        "may_add": door.may(request, "documents.add_document"),
        "may_change": door.may(request, "documents.change_document"),
        "may_delete": door.may(request, "documents.delete_document"),
    }


def listed(workspace: Workspace, asked: Asked, found: Found) -> dict[str, Any]:
    """What the list's template reads."""
    first = (asked.number - 1) * PAGE_SIZE
    return {
        "asked": asked,
        "found": found,
        "rows": rows(found.documents),
        "work": pipeline_status.work(workspace),
        "filters": filters(asked, found),
        "columns": columns(asked),
        "ways": ways(asked, found.pages),
        "first": first + 1,
        "last": first + len(found.documents),
    }


def rows(documents: list[Document]) -> list[Row]:
    """The documents with what is told of each. One query."""
    spent = spending.of(documents)
    return [
        Row(
            document,
            wording.state(document),
            wording.stopped(document),
            progress.percent(document),
            wording.trouble(document),
            spent.get(document.pk),
        )
        for document in documents
    ]


def ways(asked: Asked, pages: int) -> dict[str, str]:
    """The addresses of other pages of the list, as far as there are any."""
    at = asked.number
    found = {"start": asked.address(), "back": asked.address(page=at - 1)}
    there = {"next": asked.address(page=at + 1), "end": asked.address(page=pages)}
    return (found if at > 1 else {}) | (there if at < pages else {})


def filters(asked: Asked, found: Found) -> list[dict[str, Any]]:
    """The chips above the list."""
    return [
        {
            "group": group,
            "label": label,
            "count": found.counts[group],
            "url": asked.address(status=group),
            "active": group == asked.group,
        }
        for group, label in FILTERS
    ]


def columns(asked: Asked) -> list[dict[str, Any]]:
    """The headings one may sort by; the second click turns the order round."""
    return [
        {
            "label": label,
            "field": field,
            "sorted": ("descending" if asked.descending else "ascending")
            if field == asked.sort
            else "none",
            "url": asked.address(sort=turned(asked, field)),
        }
        for field, label in COLUMNS
    ]


def turned(asked: Asked, field: str) -> str:
    falls = not asked.descending if field == asked.sort else field != "file_path"
    return f"-{field}" if falls else field
