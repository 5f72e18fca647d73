"""Where things are shown that pages point at."""

from __future__ import annotations

from django.urls import reverse
from django.utils.http import urlencode


def in_graph(name: str) -> str:
    """Where an entity is shown."""
    return f"{reverse('pages:graph')}?{urlencode({'label': name})}"


def of_chunk(public_id: str) -> str:
    """Where a chunk, `doc-…-chunk-007`, is shown marked in its document."""
    document, _, order = public_id.rpartition("-chunk-")
    place = int(order)
    return f"{reverse('pages:document', args=[document])}?chunk={place}#chunk-{place}"


def place(chunk_id: str) -> int:
    """The number of a passage in its document, from 1."""
    return int(chunk_id.rpartition("-")[2]) + 1
