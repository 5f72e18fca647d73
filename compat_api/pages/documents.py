"""The list of documents, and what may be done with them."""

from __future__ import annotations

from typing import Any, Literal

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST
from ninja import Schema
from pydantic import Field

from compat_api.pages import chosen, document_list, door, frame, standing
from compat_api.pages.document_list import Asked, Found
from documents import control, deletion, listing, pipeline_status, progress
from documents.models import Workspace
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


@door.needs("documents.view_document")
def show(request: HttpRequest) -> HttpResponse:
    """The page, or only its list where its script asks whether anything has changed."""
    workspace = chosen.workspace(request)
    asked = Asked.of(request.GET.dict())
    values = listed(workspace, asked, document_list.find(workspace, asked))
    values |= allowed(request)
    if request.headers.get(FRAGMENT):
        return render(request, "pages/document_rows.html", values)
    values |= {"points": standing.points(), "suffixes": ",".join(registry.SUPPORTED)}
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
    for document in found.documents:
        document.percent = progress.percent(document)  # type: ignore[attr-defined]
    return {
        "asked": asked,
        "found": found,
        "work": pipeline_status.work(workspace),
        "filters": filters(asked, found),
        "columns": columns(asked),
        "previous": asked.address(page=asked.number - 1) if asked.number > 1 else "",
        "next": asked.address(page=asked.number + 1)
        if asked.number < found.pages
        else "",
        "first": (asked.number - 1) * document_list.PAGE_SIZE + 1,
        "last": (asked.number - 1) * document_list.PAGE_SIZE + len(found.documents),
    }


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


class Act(Schema):
    """What to do with which documents; without ids with all it can be done with."""

    action: Literal["retry", "cancel", "delete"]
    ids: list[str] = Field(default_factory=list, max_length=1000)
    everything: bool = False
    delete_file: bool = True


@require_POST
@door.needs("documents.change_document")
def act(request: HttpRequest) -> HttpResponse:
    """Retry or cancel."""
    body = Act.model_validate_json(request.body)
    workspace = chosen.workspace(request)
    rows = listing.of(workspace)
    if not body.everything:
        rows = rows.filter(public_id__in=body.ids)
    if body.action == "retry":
        count = control.retry(workspace, rows)
        return said(ngettext("%d document queued", "%d documents queued", count), count)
    ids = None if body.everything else list(rows.values_list("pk", flat=True))
    count = control.cancel(workspace, ids)
    return said(ngettext("%d document stopped", "%d documents stopped", count), count)


@require_POST
@door.needs("documents.delete_document")
def delete(request: HttpRequest) -> HttpResponse:
    """Delete these documents with everything they said."""
    body = Act.model_validate_json(request.body)
    report = deletion.delete_documents(
        chosen.workspace(request), body.ids, delete_file=body.delete_file
    )
    count = len(report.deleted)
    return said(ngettext("%d document deleted", "%d documents deleted", count), count)


def said(words: str, count: int) -> JsonResponse:
    """What was done; nothing where it was nothing."""
    return JsonResponse(
        {"message": words % count if count else gettext("Nothing to do")}
    )
