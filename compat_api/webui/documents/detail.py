"""The page of one document: its chunks, its progress, and its activity."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath, PurePosixPath
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from compat_api.http.file_response import StreamedFile
from compat_api.webui import labels, layout, permissions, selected_workspace
from compat_api.webui.documents import chunks, images, token_costs, views
from compat_api.webui.documents.chunks import CHUNKS_PER_PAGE
from documents.files import file_storage
from documents.intake import tags
from documents.models import (
    UNFINISHED,
    Chunk,
    Document,
    Figure,
    PipelineEvent,
    Workspace,
)
from documents.queries import listing, progress

NEWER = "newer"
"""The URL parameter that selects the version that is being processed."""
MAX_EVENTS = 200
MAX_FIGURES = 200
"""Upper bound on the figures in the gallery of a document."""
MAX_CELLS = 120
"""Upper bound on the squares that show the progress of a document."""


@permissions.needs("documents.view_document")
def show(request: HttpRequest, public_id: str) -> HttpResponse:
    """Show the page of the document.

    The parameter `chunk` (from 0) selects and marks a chunk. A version that is still being
    processed is shown at the URL of the current version, with the parameter `newer`. So the
    URL stays valid when the new version replaces the current one.
    """
    workspace = selected_workspace.workspace(request)
    document = find(workspace, public_id)
    if document.replaces:
        return redirect(newer_url(document.replaces))
    if NEWER in request.GET and hasattr(document, "replacement"):
        document = find(workspace, document.replacement.public_id)
    values = head_values(document) | views.permitted_actions(request)
    if request.headers.get(views.FRAGMENT_HEADER):
        return render(request, "webui/document_head.html", values)
    cited = number(request, "chunk")
    page = (
        cited // CHUNKS_PER_PAGE
        if cited is not None
        else max((number(request, "page") or 1) - 1, 0)
    )
    values |= {
        "chunks": chunks.of_page(document, page, cited),
        "figures": gallery(document),
        "page": page + 1,
        "pages": max(1, -(-document.chunks_count // CHUNKS_PER_PAGE)),
        "tags": tags.all_tags(workspace),
        "suffix": PurePath(document.name).suffix,
    }
    return layout.show(request, "webui/document.html", "documents", values)


@permissions.needs("documents.view_document")
def chunk(request: HttpRequest, public_id: str, order: int) -> HttpResponse:
    """Return one chunk as HTML, for the pane beside an answer."""
    document = find(selected_workspace.workspace(request), public_id)
    item = chunks.chunk_item(document, order)
    if item is None:
        raise Http404
    values = {"document": document, "item": item, "chunk": item.chunk}
    values["page_images"] = images.page_urls(
        document, item.chunk, request.GET.get("quote", "")
    )
    return render(request, "webui/source_chunk.html", values)


def newer_url(document: Document) -> str:
    """Return the URL of the version that will replace the document."""
    return f"{reverse('webui:document', args=[document.public_id])}?{NEWER}=1"


def gallery(document: Document) -> list[Figure]:
    """Return the first figures of the document, without their bytes. One query."""
    rows = Figure.objects.filter(document=document).defer("content")
    return list(rows.select_related("chunk")[:MAX_FIGURES])


def number(request: HttpRequest, name: str) -> int | None:
    """Return a number from the query string, or None if there is none."""
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def find(workspace: Workspace, public_id: str) -> Document:
    """Return the document with its progress. Raises Http404."""
    rows = progress.with_progress(listing.all_documents(workspace))
    related = rows.select_related("replaces", "replacement")
    return get_object_or_404(related, public_id=public_id)


def head_values(document: Document) -> dict[str, Any]:
    """Return the values of the head of the page. Runs two or three queries."""
    unfinished = document.status in UNFINISHED
    events = PipelineEvent.objects.filter(document=document).order_by("-id")
    return {
        "document": document,
        "state": labels.state(document),
        "stopped": labels.is_stopped(document),
        "problem": labels.problem(document),
        "percent": progress.percent(document),
        "unfinished": unfinished,
        "waiting": labels.waiting() if unfinished else "",
        "warning": document.metadata.get("extraction_warning", ""),
        "cells": cells(document) if unfinished and document.chunks_count else [],
        "cost": token_costs.by_document([document]).get(document.pk),
        "newer": getattr(document, "replacement", None),
        "events": events[:MAX_EVENTS],
    }


@dataclass(frozen=True, slots=True)
class Cell:
    """A square for `total` adjacent chunks, of which `done` are processed."""

    done: int
    total: int

    @property
    def state(self) -> str:
        """Return the CSS class of the square."""
        if self.done == self.total:
            return "done"
        return "part" if self.done else "open"


def cells(document: Document) -> list[Cell]:
    """Return the progress of the document in at most MAX_CELLS squares.

    Runs one query.
    """
    rows = Chunk.objects.filter(document=document).order_by("order")
    extracted = rows.annotate(extracted=Q(extraction__isnull=False))
    done = list(extracted.values_list("extracted", flat=True))
    size = max(1, -(-len(done) // MAX_CELLS))
    parts = (done[start : start + size] for start in range(0, len(done), size))
    return [Cell(sum(part), len(part)) for part in parts]


@permissions.needs("documents.view_document")
def original(request: HttpRequest, public_id: str) -> StreamedFile:
    """Send the uploaded file as a download.

    It is never shown, because an uploaded HTML file could run scripts with the
    permissions of the user.
    """
    document = find(selected_workspace.workspace(request), public_id)
    path = file_storage.path_of(document)
    if not document.source_path or not path.is_file():
        raise Http404
    return StreamedFile(
        path.open("rb"),
        as_attachment=True,
        filename=PurePosixPath(document.name).name,
        content_type="application/octet-stream",
    )
