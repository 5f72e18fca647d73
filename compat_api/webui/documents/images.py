"""The images of a document: its figures, and its pages with a quote marked."""

from __future__ import annotations

from pathlib import PurePath
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse

from compat_api.http import figures
from compat_api.webui import permissions, selected_workspace
from documents.errors import BrokenFile, MissingFile
from documents.files import rendered_pages
from documents.models import Chunk, Document, Figure

PAGE_FORMATS = frozenset({".pdf", ".png", ".jpg", ".jpeg", ".tif", ".tiff", ".webp"})
PAGE_WIDTH = 1000
"""Width of the image of a page, in pixels."""
MAX_PAGES = 4
"""Upper bound on the pages that are shown beside a chunk."""
MAX_QUOTE = 2000
"""Upper bound on the characters of a quote in a URL."""


@permissions.needs("documents.view_document")
def figure(request: HttpRequest, public_id: str, number: int) -> HttpResponse:
    """Return the image of a figure."""
    workspace = selected_workspace.workspace(request)
    rows = Figure.objects.filter(document__workspace=workspace).defer("content")
    row = get_object_or_404(rows, document__public_id=public_id, order=number)
    return figures.respond(request, row)


@permissions.needs("documents.view_document")
def page_image(
    request: HttpRequest, public_id: str, order: int, page: int
) -> HttpResponse:
    """Return the image of a page with the chunk, or a quote from it, marked."""
    workspace = selected_workspace.workspace(request)
    rows = Chunk.objects.filter(document__workspace=workspace)
    chunk = get_object_or_404(
        rows.select_related("document"), document__public_id=public_id, order=order
    )
    marks = rendered_pages.marks_of(
        chunk, page, request.GET.get("quote", "")[:MAX_QUOTE]
    )
    password = settings.LIGHTRAG.ingest.pdf_password
    try:
        png = rendered_pages.render(chunk.document, page, PAGE_WIDTH, password, marks)
    except (BrokenFile, MissingFile) as error:
        raise Http404(str(error)) from error
    if png is None:
        raise Http404
    headers = {"Cache-Control": "private, max-age=3600"}
    return HttpResponse(png, content_type="image/png", headers=headers)


def page_urls(document: Document, chunk: Chunk, quote: str) -> list[tuple[int, str]]:
    """Return the numbers and the image URLs of the first pages of a chunk."""
    has_pages = PurePath(document.name).suffix.lower() in PAGE_FORMATS
    if not (document.source_path and has_pages and chunk.page_first):
        return []
    last = min(chunk.page_last or chunk.page_first, chunk.page_first + MAX_PAGES - 1)
    query = f"?{urlencode({'quote': quote[:MAX_QUOTE]})}" if quote else ""
    pages = range(chunk.page_first, last + 1)
    chunk_args = (document.public_id, chunk.order)
    return [
        (page, reverse("webui:page-image", args=[*chunk_args, page]) + query)
        for page in pages
    ]
