"""The graph: a part of it to look at, names to start from, one entity in words."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from compat_api.pages import chosen, document, door, frame
from documents import marking
from graph import editing, exploring
from graph.errors import UnknownEntity
from graph.exploring import Subgraph
from graph.models import SEPARATOR, Entity, EntityMention, Relation

BUNDLE = "webui/build/graph.js"
SUGGESTIONS = 12
RELATIONS = 40
PASSAGES = 12
DEPTHS = 3


@door.needs("graph.view_entity")
def show(request: HttpRequest) -> HttpResponse:
    """The page; it says so where the script that draws was not built."""
    workspace = chosen.workspace(request)
    values = {
        "built": finders.find(BUNDLE) is not None,
        "bundle": BUNDLE,
        "label": request.GET.get("label", ""),
        "popular": exploring.popular(workspace.pk, SUGGESTIONS),
        "most": settings.LIGHTRAG.server.max_graph_nodes,
        "may_change": door.may(request, "graph.change_entity"),
        "may_delete": door.may(request, "graph.delete_entity"),
    }
    return frame.show(request, "pages/graph.html", "graph", values)


@door.needs("graph.view_entity")
def data(request: HttpRequest) -> HttpResponse:
    """The neighbourhood of `label` up to `depth` steps, at most `nodes` entities."""
    depth = document.number(request, "depth") or 1
    most = settings.LIGHTRAG.server.max_graph_nodes
    nodes = min(document.number(request, "nodes") or 200, most)
    label = request.GET.get("label") or exploring.EVERYTHING
    workspace = chosen.workspace(request)
    part = exploring.subgraph(workspace.pk, label, min(depth, DEPTHS), max(nodes, 1))
    return JsonResponse(drawn(part))


def drawn(part: Subgraph) -> dict[str, Any]:
    """What is needed to draw it; the words are asked for one by one."""
    return {
        "nodes": [
            {"id": one.name, "type": one.entity_type, "degree": one.degree}
            for one in part.nodes
        ],
        "edges": [
            {
                "source": one.source,
                "target": one.target,
                "weight": one.weight,
                "keywords": one.keywords[:120],
            }
            for one in part.edges
        ],
        "truncated": part.is_truncated,
    }


@door.needs("graph.view_entity")
def search(request: HttpRequest) -> HttpResponse:
    """Names that hold `q`, the closest first; the best connected where it is empty."""
    workspace, asked = chosen.workspace(request), request.GET.get("q", "").strip()
    if not asked:
        return JsonResponse({"names": exploring.popular(workspace.pk, SUGGESTIONS)})
    return JsonResponse({"names": exploring.search(workspace.pk, asked, SUGGESTIONS)})


@door.needs("graph.view_entity")
def entity(request: HttpRequest) -> HttpResponse:
    """The panel of `name`: its description, relations, and the passages it stands in."""
    try:
        found = editing.find_entity(
            chosen.workspace(request).pk, request.GET.get("name", "")
        )
    except UnknownEntity as error:
        raise Http404 from error
    values = {
        "entity": found,
        "fragments": found.description.split(SEPARATOR),
        "aliases": list(found.aliases.values_list("name", flat=True)),
        "relations": [related(one, found) for one in relations(found)],
        "passages": passages(found),
        "may_change": door.may(request, "graph.change_entity"),
        "may_delete": door.may(request, "graph.delete_entity"),
    }
    return render(request, "pages/graph_entity.html", values)


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
        "keywords": relation.keywords,
        "text": relation.description.replace(SEPARATOR, " · "),
        "weight": relation.weight,
    }


def passages(found: Entity) -> list[dict[str, Any]]:
    """The newest passages that speak of it, its name marked. One query."""
    mentions = EntityMention.objects.filter(entity=found).select_related(
        "chunk__document"
    )
    return [passage(one) for one in mentions.order_by("-pk")[:PASSAGES]]


def passage(mention: EntityMention) -> dict[str, Any]:
    """The part of the passage around the name it uses."""
    chunk = mention.chunk
    url = document.of_chunk(chunk.public_id)
    return {
        "url": url,
        "document": chunk.document.name,
        "place": chunk.order + 1,
        "text": marking.mark(
            around(chunk.content, mention.said_name), {mention.said_name: url}
        ),
    }


def around(text: str, name: str, width: int = 160) -> str:
    """`name` in `text` with `width` characters on either side."""
    at = max(text.casefold().find(name.casefold()), 0)
    start, end = max(0, at - width), at + len(name) + width
    return (
        ("… " if start else "")
        + text[start:end].strip()
        + (" …" if end < len(text) else "")
    )
