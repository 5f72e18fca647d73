"""One document: its passages with what was understood of each, and its history."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from compat_api.http.file_response import SentFile
from compat_api.webui import labels, layout, permissions, selected_workspace
from compat_api.webui.documents import chunks, token_costs, views
from compat_api.webui.documents.chunks import CHUNKS_A_PAGE
from documents.files import file_storage
from documents.intake import tags
from documents.models import UNFINISHED, Chunk, Document, PipelineEvent, Workspace
from documents.queries import listing, progress

NEWER = "newer"
EVENTS = 200
CELLS = 120
"""A document's progress is drawn in so many squares at most."""


@permissions.needs("documents.view_document")
def show(request: HttpRequest, public_id: str) -> HttpResponse:
    """The page; `chunk` (from 0) is marked, and the part of the text that holds it shown.

    A version that is still being read stands at its document's address with `newer`,
    where it stays when it has taken the document's place.
    """
    workspace = selected_workspace.workspace(request)
    document = find(workspace, public_id)
    if document.replaces:
        return redirect(newer_of(document.replaces))
    if NEWER in request.GET and hasattr(document, "replacement"):
        document = find(workspace, document.replacement.public_id)
    cited = number(request, "chunk")
    values = head(document) | views.allowed(request)
    if request.headers.get(views.FRAGMENT):
        return render(request, "pages/document_head.html", values)
    page = (
        cited // CHUNKS_A_PAGE
        if cited is not None
        else (number(request, "page") or 1) - 1
    )
    values |= {
        "passages": chunks.of(document, max(page, 0), cited),
        "page": page + 1,
        "pages": max(1, -(-document.chunks_count // CHUNKS_A_PAGE)),
        "tags": tags.known(workspace),
        "suffix": PurePath(document.name).suffix,
    }
    return layout.show(request, "pages/document.html", "documents", values)


def newer_of(document: Document) -> str:
    """Where the version that will take the document's place is looked at."""
    return f"{reverse('pages:document', args=[document.public_id])}?{NEWER}=1"


def number(request: HttpRequest, name: str) -> int | None:
    """A number of the address, None where it says none."""
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def find(workspace: Workspace, public_id: str) -> Document:
    """Raises Http404."""
    rows = progress.with_progress(listing.of(workspace))
    related = rows.select_related("replaces", "replacement")
    return get_object_or_404(related, public_id=public_id)


def head(document: Document) -> dict[str, Any]:
    """What is told of the document as a whole. Two queries, three while it is read."""
    unfinished = document.status in UNFINISHED
    events = PipelineEvent.objects.filter(document=document).order_by("-id")[:EVENTS]
    return {
        "document": document,
        "state": labels.state(document),
        "stopped": labels.stopped(document),
        "trouble": labels.trouble(document),
        "percent": progress.percent(document),
        "unfinished": unfinished,
        "cells": cells(document) if unfinished and document.chunks_count else [],
        "spent": token_costs.of([document]).get(document.pk),
        "newer": getattr(document, "replacement", None),
        "events": events,
    }


@dataclass(frozen=True, slots=True)
class Cell:
    """Neighbouring passages, and how many of them the model has answered for."""

    done: int
    of: int

    @property
    def state(self) -> str:
        """The class of its square."""
        return "done" if self.done == self.of else "part" if self.done else "open"


def cells(document: Document) -> list[Cell]:
    """The document from its beginning to its end, in CELLS squares at most. One query."""
    rows = Chunk.objects.filter(document=document).order_by("order")
    answered = rows.annotate(answered=Q(extraction__isnull=False))
    done = list(answered.values_list("answered", flat=True))
    size = max(1, -(-len(done) // CELLS))
    parts = (done[at : at + size] for at in range(0, len(done), size))
    return [Cell(sum(part), len(part)) for part in parts]


def place(chunk_id: str) -> int:
    """The number of a passage in its document, from 1."""
    return int(chunk_id.rpartition("-")[2]) + 1


@permissions.needs("documents.view_document")
def original(request: HttpRequest, public_id: str) -> SentFile:
    """The file as it was handed in, to be saved and never shown in the page's name."""
    document = find(selected_workspace.workspace(request), public_id)
    path = file_storage.path_of(document)
    if not document.source_path or not path.is_file():
        raise Http404
    return SentFile(
        path.open("rb"),
        as_attachment=True,
        filename=document.name,
        content_type="application/octet-stream",
    )
