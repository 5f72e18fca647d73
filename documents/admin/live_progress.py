"""Live updates of the unfinished documents on a page, by polling."""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.admin import ModelAdmin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path

from documents.admin import cells
from documents.models import UNFINISHED, Document
from documents.queries import progress

LIMIT = 200
"""Upper bound on the documents of one request; larger than a page."""


def urls(model_admin: ModelAdmin[Document]) -> list[URLPattern]:
    """Return the URL pattern that pages poll."""

    def view(request: HttpRequest) -> HttpResponse:
        if not model_admin.has_view_permission(request):
            raise PermissionDenied
        return respond(parse_ids(request.GET.get("ids", "")))

    wrapped = model_admin.admin_site.admin_view(view)
    return [path("live/", wrapped, name="documents_document_live")]


def ids(documents: Iterable[Document]) -> list[int]:
    """Return the ids of the unfinished documents."""
    return [d.pk for d in documents if d.status in UNFINISHED]


def parse_ids(text: str) -> list[int]:
    """Return the ids in a text like `1,2,3`; other parts are ignored."""
    return [
        int(part)
        for part in text.split(",")[:LIMIT]
        if part.isdecimal() and len(part) < 19
    ]


def respond(document_ids: list[int]) -> HttpResponse:
    """Return the next poller and the updated cells. One query.

    When the last document of a page is finished, the page is reloaded, because its chunks
    and its timeline have changed too.
    """
    rows = Document.objects.filter(pk__in=document_ids)
    documents = list(progress.with_progress(rows))
    unfinished = ids(documents)
    poller = render_to_string("admin/documents/poller.html", {"live_ids": unfinished})
    response = HttpResponse(poller + cells.updates(documents))
    if not unfinished:
        response["HX-Refresh"] = "true"
    return response
