"""The list of documents with their status and progress."""

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
from compat_api.webui.documents.document_list import PAGE_SIZE, ListQuery, ListResult
from compat_api.webui.documents.token_costs import TokenCost
from compat_api.webui.labels import Problem
from documents.intake import tags
from documents.models import Document, Workspace
from documents.parsing import parsers
from documents.queries import pipeline_status, progress
from documents.workspaces import activity

FRAGMENT_HEADER = "X-Page-Fragment"
"""Header of requests for the part of a page that changes."""
FILTERS = (
    ("", _("All")),
    ("processed", _("Ready")),
    (document_list.PROCESSING, _("Processing")),
    ("pending", _("Queued")),
    ("failed", _("Failed")),
)
COLUMNS = (
    ("file_path", _("Name")),
    ("created_at", _("Uploaded")),
    ("updated_at", _("Changed")),
)


@dataclass(frozen=True, slots=True)
class Row:
    """A document as a row of the list."""

    document: Document
    state: str | Promise
    stopped: bool
    percent: int
    problem: Problem | None
    cost: TokenCost | None


@permissions.needs("documents.view_document")
def show(request: HttpRequest) -> HttpResponse:
    """Show the page, or only its list if the request has the fragment header."""
    workspace = selected_workspace.workspace(request)
    query = ListQuery.parse(request.GET.dict())
    values = list_values(workspace, query, document_list.find(workspace, query))
    values |= permitted_actions(request)
    if request.headers.get(FRAGMENT_HEADER):
        return render(request, "webui/document_rows.html", values)
    values |= {
        "server_status": server_status.items(),
        "suffixes": ",".join(parsers.SUPPORTED),
        "tags": tags.all_tags(workspace),
    }
    return layout.show(request, "webui/documents.html", "documents", values)


def permitted_actions(request: HttpRequest) -> dict[str, bool]:
    """Return which actions on documents the caller has permission for."""
    return {
        "may_add": permissions.may(request, "documents.add_document"),
        "may_change": permissions.may(request, "documents.change_document"),
        "may_delete": permissions.may(request, "documents.delete_document"),
    }


def list_values(
    workspace: Workspace, query: ListQuery, result: ListResult
) -> dict[str, Any]:
    """Return the values of the list's template."""
    first = (query.page - 1) * PAGE_SIZE
    work = pipeline_status.work(workspace)
    return {
        "waiting": labels.waiting() if work.unfinished else "",
        "query": query,
        "result": result,
        "rows": rows(result.documents),
        "work": work,
        "filters": filters(query, result),
        "columns": columns(query),
        "page_urls": page_urls(query, result.pages),
        "first": first + 1,
        "last": first + len(result.documents),
    }


def rows(documents: list[Document]) -> list[Row]:
    """Return the rows of the documents. Runs one query."""
    costs = token_costs.by_document(documents)
    activities = activity.of_documents({row.pk: row.status for row in documents})
    return [
        Row(
            document,
            labels.state(document, activities.get(document.pk)),
            labels.is_stopped(document),
            progress.percent(document),
            labels.problem(document),
            costs.get(document.pk),
        )
        for document in documents
    ]


def page_urls(query: ListQuery, pages: int) -> dict[str, str]:
    """Return the URLs of the first, previous, next and last page, if there are any."""
    urls: dict[str, str] = {}
    if query.page > 1:
        urls |= {"first": query.url(), "previous": query.url(page=query.page - 1)}
    if query.page < pages:
        urls |= {"next": query.url(page=query.page + 1), "last": query.url(page=pages)}
    return urls


def filters(query: ListQuery, result: ListResult) -> list[dict[str, Any]]:
    """Return the filters above the list."""
    return [
        {
            "group": group,
            "label": label,
            "count": result.counts[group],
            "url": query.url(status=group),
            "active": group == query.group,
        }
        for group, label in FILTERS
    ]


def columns(query: ListQuery) -> list[dict[str, Any]]:
    """Return the sortable columns. Their links sort, and then reverse the order."""
    return [
        {
            "label": label,
            "field": field,
            "sorted": ("descending" if query.descending else "ascending")
            if field == query.sort
            else "none",
            "url": query.url(sort=next_sort(query, field)),
        }
        for field, label in COLUMNS
    ]


def next_sort(query: ListQuery, field: str) -> str:
    """Return the sort parameter for a click on the column."""
    is_sorted = field == query.sort
    descending = not query.descending if is_sorted else field != "file_path"
    return f"-{field}" if descending else field
