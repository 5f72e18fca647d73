"""Panels below the fields of a document's page: its chunks and its timeline."""

from __future__ import annotations

from collections.abc import Sequence

from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _

from documents.admin_kit.panels import ROWS, Panel, list_of, moment, page_of, prose
from documents.models import Chunk, Document, Figure, PipelineEvent
from documents.queries.progress import with_mention_counts


def of(document: Document) -> list[Panel]:
    """Return the panels of the document. Four queries."""
    return [_chunks(document), *_figures(document), _timeline(document)]


def _chunks(document: Document) -> Panel:
    chunks = with_mention_counts(document.chunks.order_by("order"))[:ROWS]
    return Panel(
        title=_("Chunks"),
        headers=[
            "#",
            _("Text"),
            _("Headings"),
            _("Page"),
            _("Tokens"),
            _("Entities"),
            _("Relations"),
        ],
        rows=[_chunk(chunk) for chunk in chunks],
        total=document.chunks_count,
        more_url=list_of("documents_chunk", document__id__exact=document.pk),
        empty=_("Not split into chunks yet."),
    )


def _chunk(chunk: Chunk) -> Sequence[object]:
    return [
        page_of("documents_chunk", chunk.pk, chunk.order + 1),
        prose(chunk.content, 170),
        " › ".join(chunk.headings),
        pages(chunk),
        chunk.tokens,
        chunk.entities,  # type: ignore[attr-defined]
        chunk.relations,  # type: ignore[attr-defined]
    ]


def pages(chunk: Chunk) -> str:
    """Return `3`, `3–4`, or an empty text for a chunk without pages."""
    if chunk.page_first is None:
        return ""
    if chunk.page_last in (None, chunk.page_first):
        return str(chunk.page_first)
    return f"{chunk.page_first}–{chunk.page_last}"


def _figures(document: Document) -> list[Panel]:
    """Return the panel of the first figures, if there are any."""
    figures = list(document.figures.defer("content").order_by("order")[:ROWS])
    if not figures:
        return []
    headers = ["#", _("Figure"), _("Page"), _("Caption"), _("Description")]
    rows = [_figure(document, figure) for figure in figures]
    return [Panel(title=_("Figures"), headers=headers, rows=rows, empty="")]


def _figure(document: Document, figure: Figure) -> Sequence[object]:
    url = reverse(
        "resources:document-figure",
        args=[document.workspace.name, document.public_id, figure.order],
    )
    image = format_html(
        '<a href="{}"><img src="{}" alt="{}" height="64" loading="lazy"></a>',
        url,
        url,
        figure.alternative_text,
    )
    return [
        figure.order,
        image,
        figure.page or "",
        figure.caption,
        prose(figure.description, 170),
    ]


def _timeline(document: Document) -> Panel:
    events = document.events.order_by("-id")[:ROWS]
    return Panel(
        title=_("Timeline"),
        headers=[_("When"), _("What")],
        rows=[_event(event) for event in events],
        more_url=list_of("documents_pipelineevent", document__id__exact=document.pk),
        empty=_("No events yet."),
    )


def _event(event: PipelineEvent) -> Sequence[object]:
    return [moment(event.created_at), event.message]
