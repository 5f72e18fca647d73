"""Figures of documents over HTTP: their URLs, their place in references, and their bytes."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.cache import get_conditional_response
from django.utils.http import quote_etag

from documents.models import Figure
from retrieval.context.references import Reference

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, no-cache",
}
"""`no-cache`: a new version of the document may have another figure of the same number."""


def url(workspace: str, document_id: str, number: int) -> str:
    """Return the address of a figure in the resource API."""
    return reverse("resources:document-figure", args=[workspace, document_id, number])


def of_reference(reference: Reference, workspace: str) -> list[dict[str, Any]]:
    """Return the figures beside the chunks of a reference."""
    return [
        {
            "url": url(workspace, reference.document_id, figure.number),
            "page": figure.page,
            "caption": figure.caption,
            "description": figure.description,
        }
        for figure in reference.figures
    ]


def respond(request: HttpRequest, figure: Figure) -> HttpResponse:
    """Return the image, or 304 if the client has it. `content` may be deferred."""
    etag = quote_etag(figure.content_hash)
    if unchanged := get_conditional_response(request, etag=etag):
        return HttpResponse(status=unchanged.status_code, headers={"ETag": etag})
    headers = HEADERS | {"ETag": etag}
    return HttpResponse(
        bytes(figure.content), content_type=figure.media_type, headers=headers
    )
