"""The list of documents: what is in the workspace, and how far it has come."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from compat_api.webui import (
    labels,
    layout,
    permissions,
    selected_workspace,
    server_status,
)
from compat_api.webui.documents import document_list, token_costs
from compat_api.webui.documents.document_list import PAGE_SIZE, Asked, Found
from compat_api.webui.documents.token_costs import Spent
from compat_api.webui.labels import Trouble
from documents.intake import tags
from documents.models import Document, Workspace
from documents.parsing import parsers
from documents.queries import pipeline_status, progress

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


@permissions.needs("documents.view_document")
def show(request: HttpRequest) -> HttpResponse:
    """The page, or only its list where its script asks whether anything has changed."""
    workspace = selected_workspace.workspace(request)
    asked = Asked.of(request.GET.dict())
    values = listed(workspace, asked, document_list.find(workspace, asked))
    values |= allowed(request)
    if request.headers.get(FRAGMENT):
        return render(request, "pages/document_rows.html", values)
    values |= {
        "points": server_status.points(),
        "suffixes": ",".join(parsers.SUPPORTED),
        "tags": tags.known(workspace),
    }
    return layout.show(request, "pages/documents.html", "documents", values)


def allowed(request: HttpRequest) -> dict[str, bool]:
    """What this caller may do with documents."""
    return {
        "may_add": permissions.may(request, "documents.add_document"),
        "may_change": permissions.may(request, "documents.change_document"),
        "may_delete": permissions.may(request, "documents.delete_document"),
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
    spent = token_costs.of(documents)
    return [
        Row(
            document,
            labels.state(document),
            labels.stopped(document),
            progress.percent(document),
            labels.trouble(document),
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
