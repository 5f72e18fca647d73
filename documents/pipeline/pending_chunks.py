"""The chunks of parsed documents that still need an extraction or an embedding."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

PENDING_CHUNKS = """
SELECT c.id, c.document_id, c."order", c.content, c.headings,
    x.chunk_id IS NULL AS unextracted, s.vector IS NULL AS unembedded
FROM documents_chunk c
LEFT JOIN graph_chunkextraction x ON x.chunk_id = c.id
LEFT JOIN graph_stagedchunk s ON s.chunk_id = c.id
WHERE c.document_id = ANY(%s) AND (x.chunk_id IS NULL OR s.vector IS NULL)
ORDER BY c.document_id, c."order"
"""


@dataclass(frozen=True, slots=True)
class PendingChunk:
    """A chunk that needs an extraction, an embedding, or both."""

    id: int
    document_id: int
    order: int
    content: str
    headings: tuple[str, ...]
    unextracted: bool
    unembedded: bool


def load(document_ids: Sequence[int]) -> dict[int, list[PendingChunk]]:
    """Return the pending chunks of each document, in order. One query."""
    chunks: dict[int, list[PendingChunk]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(PENDING_CHUNKS, [list(document_ids)])
        for pk, document, order, content, headings, *flags in cursor.fetchall():
            chunk = PendingChunk(pk, document, order, content, tuple(headings), *flags)
            chunks[document].append(chunk)
    return chunks
