"""One entity or one relation in words, and the passages it stands in."""

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

RELATIONS = 40
PASSAGES = 12
AROUND = 160
"""Characters of a passage on either side of a name."""


@permissions.needs("graph.view_entity")
def entity(request: HttpRequest) -> HttpResponse:
    """The panel of `name`: its description, relations, and the passages it stands in."""
    workspace = selected_workspace.workspace(request)
    try:
        found = edit.find_entity(workspace.pk, request.GET.get("name", ""))
    except UnknownEntity as error:
        raise Http404 from error
    values = {
        "entity": found,
        "fragments": found.description.split(SEPARATOR),
        "aliases": list(found.aliases.values_list("name", flat=True)),
        "relations": [related(one, found) for one in relations(found)],
        "passages": of_entity(found),
        "may_change": permissions.may(request, "graph.change_entity"),
        "may_delete": permissions.may(request, "graph.delete_entity"),
        "may_relate": permissions.may(request, "graph.add_relation"),
    }
    return render(request, "pages/graph_entity.html", values)


@permissions.needs("graph.view_relation")
def relation(request: HttpRequest) -> HttpResponse:
    """The panel of the relation between `one` and `other`."""
    ends = request.GET.get("one", ""), request.GET.get("other", "")
    try:
        found = edit.find_relation(selected_workspace.workspace(request).pk, *ends)
    except (UnknownEntity, UnknownRelation) as error:
        raise Http404 from error
    values = {
        "relation": found,
        "fragments": found.description.split(SEPARATOR),
        "keywords": [word for word in found.keywords.split(",") if word.strip()],
        "passages": of_relation(found),
        "may_change": permissions.may(request, "graph.change_relation"),
        "may_delete": permissions.may(request, "graph.delete_relation"),
    }
    return render(request, "pages/graph_relation.html", values)


def relations(found: Entity) -> list[Relation]:
    """The heaviest."""
    ends = Relation.objects.filter(Q(source=found) | Q(target=found))
    return list(
        ends.select_related("source", "target").order_by("-weight", "pk")[:RELATIONS]
    )


def related(relation: Relation, found: Entity) -> dict[str, Any]:
    """A relation seen from one of its ends."""
    other = relation.target if relation.source_id == found.pk else relation.source
    return {
        "other": other.name,
        "keywords": relation.keywords.replace(",", ", "),
        "text": relation.description.replace(SEPARATOR, " · "),
        "weight": relation.weight,
    }


def of_entity(found: Entity) -> list[dict[str, Any]]:
    """The newest passages that speak of it, its name marked. One query."""
    mentions = EntityMention.objects.filter(entity=found)
    listed = mentions.select_related("chunk__document").order_by("-pk")[:PASSAGES]
    return [passage(one.chunk, one.said_name) for one in listed]


def of_relation(found: Relation) -> list[dict[str, Any]]:
    """The newest passages that speak of it, both names marked. One query."""
    mentions = RelationMention.objects.filter(relation=found)
    listed = mentions.select_related("chunk__document").order_by("-pk")[:PASSAGES]
    return [passage(one.chunk, one.said_source, one.said_target) for one in listed]


def passage(chunk: Chunk, *names: str) -> dict[str, Any]:
    """The part of the passage around the names it uses, each a link to the whole."""
    url = links.of_chunk(chunk.public_id)
    text = around(chunk.content, *names)
    return {
        "url": url,
        "document": chunk.document.name,
        "place": chunk.order + 1,
        "text": entity_highlight.mark(text, dict.fromkeys(names, url)),
    }


def around(text: str, *names: str) -> str:
    """The names in `text` with `AROUND` characters on either side.

    Where they stand far apart, the part around the first.
    """
    known = text.casefold()
    spans = [(known.find(name.casefold()), len(name)) for name in names]
    found = sorted((at, at + length) for at, length in spans if at >= 0) or [(0, 0)]
    first, last = found[0], found[-1]
    near = last if last[1] - first[0] <= 4 * AROUND else first
    start, end = max(0, first[0] - AROUND), near[1] + AROUND
    return (
        ("… " if start else "")
        + text[start:end].strip()
        + (" …" if end < len(text) else "")
    )
