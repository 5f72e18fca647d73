"""One document: its passages with what was understood of each, and its history."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import Sum
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.safestring import SafeString

from compat_api.pages import chosen, documents, door, frame
from compat_api.sent_file import SentFile
from documents import listing, marking, progress, stored_files
from documents.models import Chunk, Document, PipelineEvent, Workspace
from graph.models import EntityMention, RelationMention
from retrieval.models import LLMCache

CHUNKS_A_PAGE = 25
EVENTS = 200


@dataclass(frozen=True, slots=True)
class Passage:
    """A chunk, its text with the entities marked, and what it says of them."""

    chunk: Chunk
    text: SafeString
    entities: list[EntityMention]
    relations: list[RelationMention]
    cited: bool


@door.needs("documents.view_document")
def show(request: HttpRequest, public_id: str) -> HttpResponse:
    """The page; `chunk` (from 0) is marked, and the part of the text that holds it shown."""
    document = find(chosen.workspace(request), public_id)
    cited = number(request, "chunk")
    values = head(document) | documents.allowed(request)
    if request.headers.get(documents.FRAGMENT):
        return render(request, "pages/document_head.html", values)
    page = (
        cited // CHUNKS_A_PAGE
        if cited is not None
        else (number(request, "page") or 1) - 1
    )
    values |= {"passages": passages(document, max(page, 0), cited), "page": page + 1}
    values["pages"] = max(1, -(-document.chunks_count // CHUNKS_A_PAGE))
    return frame.show(request, "pages/document.html", "documents", values)


def number(request: HttpRequest, name: str) -> int | None:
    """A number of the address, None where it says none."""
    text = request.GET.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def find(workspace: Workspace, public_id: str) -> Document:
    """Raises Http404."""
    rows = progress.with_progress(listing.of(workspace))
    return get_object_or_404(rows, public_id=public_id)


def head(document: Document) -> dict[str, Any]:
    """What is told of the document as a whole. Two queries."""
    spent = LLMCache.objects.filter(chunk__document=document).aggregate(
        sent=Sum("prompt_tokens"), answered=Sum("completion_tokens")
    )
    events = PipelineEvent.objects.filter(document=document).order_by("-id")[:EVENTS]
    return {
        "document": document,
        "percent": progress.percent(document),
        "unfinished": document.status in progress.UNFINISHED,
        "spent": spent,
        "events": events,
    }


def passages(document: Document, page: int, cited: int | None) -> list[Passage]:
    """A page of the document's chunks. Three queries, however many there are."""
    first = page * CHUNKS_A_PAGE
    chunks = list(
        Chunk.objects.filter(
            document=document, order__gte=first, order__lt=first + CHUNKS_A_PAGE
        )
        .order_by("order")
        .prefetch_related("entity_mentions__entity")
    )
    related: dict[int, list[RelationMention]] = {}
    mentions = RelationMention.objects.filter(chunk__in=chunks)
    for mention in mentions.select_related("relation__source", "relation__target"):
        related.setdefault(mention.chunk_id, []).append(mention)
    return [
        passage(chunk, related.get(chunk.pk, []), cited=chunk.order == cited)
        for chunk in chunks
    ]


def passage(chunk: Chunk, relations: list[RelationMention], *, cited: bool) -> Passage:
    mentions = sorted(chunk.entity_mentions.all(), key=lambda m: -m.entity.degree)
    links = {m.said_name: in_graph(m.entity.name) for m in mentions}
    return Passage(
        chunk, marking.mark(chunk.content, links), mentions, relations, cited
    )


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


@door.needs("documents.view_document")
def original(request: HttpRequest, public_id: str) -> HttpResponse | SentFile:
    """The file as it was handed in, to be saved and never shown in the page's name."""
    document = find(chosen.workspace(request), public_id)
    path = stored_files.path_of(document)
    if not document.source_path or not path.is_file():
        raise Http404
    return SentFile(
        path.open("rb"),
        as_attachment=True,
        filename=document.name,
        content_type="application/octet-stream",
    )
