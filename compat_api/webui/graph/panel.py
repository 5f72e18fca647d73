"""The details of one entity or relation, with the chunks that mention it."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from compat_api.webui import links, permissions, selected_workspace
from documents.models import Chunk
from documents.queries import entity_highlight
from graph.curation import edit
from graph.errors import UnknownEntity, UnknownRelation
from graph.models import (
    SEPARATOR,
    Entity,
    EntityMention,
    Relation,
    RelationMention,
)

MAX_RELATIONS = 40
MAX_CHUNKS = 12
CONTEXT = 160
"""Number of characters shown on each side of a name in a chunk."""


@permissions.needs("graph.view_entity")
def entity(request: HttpRequest) -> HttpResponse:
    """Show the entity `name` with its relations and chunks."""
    workspace = selected_workspace.workspace(request)
    try:
        row = edit.find_entity(workspace.pk, request.GET.get("name", ""))
    except UnknownEntity as error:
        raise Http404 from error
    values = {
        "entity": row,
        "descriptions": row.description.split(SEPARATOR),
        "aliases": list(row.aliases.values_list("name", flat=True)),
        "relations": [relation_values(item, row) for item in relations_of(row)],
        "chunks": entity_chunks(row),
        "may_change": permissions.may(request, "graph.change_entity"),
        "may_delete": permissions.may(request, "graph.delete_entity"),
        "may_relate": permissions.may(request, "graph.add_relation"),
    }
    return render(request, "webui/graph_entity.html", values)


@permissions.needs("graph.view_relation")
def relation(request: HttpRequest) -> HttpResponse:
    """Show the relation between `source` and `target` with its chunks."""
    ends = request.GET.get("source", ""), request.GET.get("target", "")
    try:
        row = edit.find_relation(selected_workspace.workspace(request).pk, *ends)
    except (UnknownEntity, UnknownRelation) as error:
        raise Http404 from error
    values = {
        "relation": row,
        "descriptions": row.description.split(SEPARATOR),
        "keywords": [word for word in row.keywords.split(",") if word.strip()],
        "chunks": relation_chunks(row),
        "may_change": permissions.may(request, "graph.change_relation"),
        "may_delete": permissions.may(request, "graph.delete_relation"),
    }
    return render(request, "webui/graph_relation.html", values)


def relations_of(entity: Entity) -> list[Relation]:
    """Return the relations with the highest weights."""
    rows = Relation.objects.filter(Q(source=entity) | Q(target=entity))
    related = rows.select_related("source", "target")
    return list(related.order_by("-weight", "pk")[:MAX_RELATIONS])


def relation_values(relation: Relation, entity: Entity) -> dict[str, str]:
    """Return the relation as seen from one of its ends."""
    is_source = relation.source_id == entity.pk
    return {
        "name": (relation.target if is_source else relation.source).name,
        "keywords": relation.keywords.replace(",", ", "),
        "description": relation.description.replace(SEPARATOR, " · "),
    }


def entity_chunks(entity: Entity) -> list[dict[str, Any]]:
    """Return the newest chunks that mention the entity. Runs one query."""
    mentions = EntityMention.objects.filter(entity=entity)
    newest = mentions.select_related("chunk__document").order_by("-pk")[:MAX_CHUNKS]
    return [chunk_values(mention.chunk, mention.mentioned_name) for mention in newest]


def relation_chunks(relation: Relation) -> list[dict[str, Any]]:
    """Return the newest chunks that mention the relation. Runs one query."""
    mentions = RelationMention.objects.filter(relation=relation)
    newest = mentions.select_related("chunk__document").order_by("-pk")[:MAX_CHUNKS]
    return [
        chunk_values(mention.chunk, mention.mentioned_source, mention.mentioned_target)
        for mention in newest
    ]


def chunk_values(chunk: Chunk, *names: str) -> dict[str, Any]:
    """Return the part of the chunk around the names, which link to the whole chunk."""
    url = links.to_chunk(chunk.public_id)
    text = excerpt(chunk.content, *names)
    return {
        "url": url,
        "document": chunk.document.name,
        "number": chunk.order + 1,
        "text": entity_highlight.highlight(text, dict.fromkeys(names, url)),
    }


def excerpt(text: str, *names: str) -> str:
    """Return the names in the text with CONTEXT characters on each side.

    If the names are far apart, return the part around the first one.
    """
    folded = text.casefold()
    positions = [(folded.find(name.casefold()), len(name)) for name in names]
    spans = sorted((at, at + length) for at, length in positions if at >= 0)
    first, last = (spans[0], spans[-1]) if spans else ((0, 0), (0, 0))
    end = last[1] if last[1] - first[0] <= 4 * CONTEXT else first[1]
    start, end = max(0, first[0] - CONTEXT), end + CONTEXT
    before, after = "… " if start else "", " …" if end < len(text) else ""
    return f"{before}{text[start:end].strip()}{after}"
