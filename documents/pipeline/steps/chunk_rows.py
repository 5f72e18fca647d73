"""Chunks of the pipeline: those that need a model, and those of figures' descriptions."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection

from documents.lifecycle import versions
from documents.models import Chunk, Document, Figure
from documents.parsing import captions, text_cleaning
from documents.pipeline.steps import describe
from retrieval.llm import tokens

MAX_NAME_CAPTION = 120
"""Characters of a caption in the name of a figure's entity."""

PENDING_CHUNKS = """
SELECT c.id, c.document_id, c."order", c.content, c.headings,
    x.chunk_id IS NULL AS unextracted, s.vector IS NULL AS unembedded,
    f."order", f.caption, coalesce(r.name, d.name)
FROM documents_chunk c
JOIN documents_document d ON d.id = c.document_id
LEFT JOIN documents_document r ON r.id = d.replaces_id
LEFT JOIN documents_figure f ON f.description_chunk_id = c.id
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
    figure: str = ""
    """The name of the figure's entity, if the chunk is the description of a figure."""


def pending(document_ids: Sequence[int]) -> dict[int, list[PendingChunk]]:
    """Return the pending chunks of each document, in order. One query."""
    chunks: dict[int, list[PendingChunk]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(PENDING_CHUNKS, [list(document_ids)])
        for pk, document, order, content, headings, *figure_values in cursor.fetchall():
            unextracted, unembedded, number, caption, file = figure_values
            figure = entity_name(number, caption, file) if number else ""
            flags = (unextracted, unembedded, figure)
            chunk = PendingChunk(pk, document, order, content, tuple(headings), *flags)
            chunks[document].append(chunk)
    return chunks


def without_chunk(documents: Sequence[Document]) -> set[int]:
    """Return the documents with descriptions that are not chunks yet. At most one query."""
    ids = [document.pk for document in documents if describe.is_enabled(document)]
    figures = Figure.objects.filter(document__in=ids, description_chunk=None)
    described = figures.exclude(description="")
    return set(described.values_list("document_id", flat=True)) if ids else set()


def add_chunks(documents: Sequence[Document]) -> None:
    """Add a chunk for each description that has none, after the document's last chunk.

    Call it in a transaction. A new version reuses the extraction of an equal chunk.
    """
    for document in documents:
        figures = Figure.objects.filter(document=document, description_chunk=None)
        described = figures.exclude(description="").select_related("chunk")
        rows = list(described.defer("content").order_by("order"))
        chunks = Chunk.objects.bulk_create(
            chunk_row(document, figure, order)
            for order, figure in enumerate(rows, start=document.chunks_count)
        )
        for figure, chunk in zip(rows, chunks, strict=True):
            figure.description_chunk = chunk
        Figure.objects.bulk_update(rows, ["description_chunk"])
        document.chunks_count += len(rows)
        if not document.content_summary and chunks:
            document.content_summary = text_cleaning.summary(chunks[0].content)
        document.save(update_fields=["chunks_count", "content_summary"])
    versions.reuse_chunks(documents)


def chunk_row(document: Document, figure: Figure, order: int) -> Chunk:
    """Return the chunk of a description, at the figure's place in the document."""
    content = f"{title(figure)}\n{figure.description}"
    chunk = figure.chunk
    page = figure.page or (chunk.page_first if chunk else None)
    return Chunk(
        workspace_id=document.workspace_id,
        document=document,
        order=order,
        content=content,
        tokens=tokens.count(content),
        headings=list(chunk.headings) if chunk else [],
        page_first=page,
        page_last=page,
        positions=[{"page": page, "box": figure.box}] if page and figure.box else [],
        anchor=chunk.anchor if chunk else "",
        content_hash=text_cleaning.content_hash(content),
    )


def title(figure: Figure) -> str:
    """Return the first line of a description's chunk, "Figure 2, page 3: Harvest"."""
    page = f", page {figure.page}" if figure.page else ""
    if captions.is_caption(figure.caption):
        return figure.caption + (f" (page {figure.page})" if figure.page else "")
    caption = f": {figure.caption}" if figure.caption else ""
    return f"Figure {figure.order}{page}{caption}"


def entity_name(order: int, caption: str, file: str) -> str:
    """Return the name of a figure's entity, which is unique in the workspace."""
    name = f"Figure {order} of {file}"
    shown = caption[:MAX_NAME_CAPTION].strip()
    if captions.is_caption(caption):
        return f"{shown} ({file})"
    return f"{shown} ({name})" if caption else name
