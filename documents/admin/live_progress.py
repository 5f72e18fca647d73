"""What has changed with the documents on a page, asked for while they are worked on."""

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
"""Documents that one request may ask for: more than a page holds."""


def urls(model_admin: ModelAdmin[Document]) -> list[URLPattern]:
    """The address pages poll."""

    def view(request: HttpRequest) -> HttpResponse:
        if not model_admin.has_view_permission(request):
            raise PermissionDenied
        return answer(asked_for(request.GET.get("ids", "")))

    wrapped = model_admin.admin_site.admin_view(view)
    return [path("live/", wrapped, name="documents_document_live")]


def ids(documents: Iterable[Document]) -> list[int]:
    """Those of these documents that may still change by themselves."""
    return [d.pk for d in documents if d.status in UNFINISHED]


def asked_for(text: str) -> list[int]:
    """Document ids out of `1,2,3`; anything else in it is passed over."""
    return [int(part) for part in text.split(",")[:LIMIT] if part.isdecimal()]


def answer(document_ids: list[int]) -> HttpResponse:
    """The next poller, and the cells for htmx to swap. One query.

    When the last document of a page is done, the page is loaded anew: its chunks and
    its timeline have changed too.
    """
    asked = Document.objects.filter(pk__in=document_ids)
    documents = list(progress.with_progress(asked))
    unfinished = ids(documents)
    poller = render_to_string("admin/documents/poller.html", {"live_ids": unfinished})
    response = HttpResponse(poller + cells.updates(documents))
    if not unfinished:
        response["HX-Refresh"] = "true"
    return response
