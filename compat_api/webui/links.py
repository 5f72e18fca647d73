"""Links to entities, chunks and figures."""

from __future__ import annotations

from django.urls import reverse
from django.utils.http import urlencode

MAX_QUOTE_CHARS = 300
"""Upper bound on the characters of a quotation in a URL."""


def to_entity(name: str) -> str:
    """Return the URL of the graph page that shows the entity."""
    return f"{reverse('webui:graph')}?{urlencode({'label': name})}"


def to_chunk(chunk_id: str, quote: str = "") -> str:
    """Return the URL of the document page that marks the chunk `doc-…-chunk-007`.

    The page also marks the `quote` in the chunk.
    """
    document_id = chunk_id.rpartition("-chunk-")[0]
    order = chunk_number(chunk_id) - 1
    url = reverse("webui:document", args=[document_id])
    query = {"chunk": order} | ({"quote": quote[:MAX_QUOTE_CHARS]} if quote else {})
    return f"{url}?{urlencode(query)}#chunk-{order}"


def to_figure(document_id: str, number: int) -> str:
    """Return the URL of the image of a figure."""
    return reverse("webui:figure", args=[document_id, number])


def chunk_number(chunk_id: str) -> int:
    """Return the number of the chunk in its document, counted from 1."""
    return int(chunk_id.rpartition("-")[2]) + 1
