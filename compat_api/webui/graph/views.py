"""The graph: a part of it to look at, names and documents to start from, paths."""

from __future__ import annotations

from typing import Annotated, Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_POST
from ninja import Schema
from pydantic import Field

from compat_api.webui import layout, permissions, selected_workspace
from compat_api.webui.graph import cypher
from documents.queries import listing
from graph.age.examples import EXAMPLES
from graph.curation import edit
from graph.queries import drawing, paths, subgraph
from graph.queries.drawing import Sketch
from graph.queries.filters import Only

BUNDLE = "webui/build/graph.js"
SUGGESTIONS = 12
DEPTHS = 3
DRAWABLE = 20_000
"""Entities that may stand in the picture already."""

Name = Annotated[str, Field(max_length=256)]


class Part(Schema):
    """A part of the graph; `shown` are the ids of what stands in the picture already."""

    label: Name = subgraph.EVERYTHING
    depth: int = Field(1, ge=1, le=DEPTHS)
    nodes: int = Field(200, ge=1)
    types: list[Annotated[str, Field(max_length=128)]] = Field([], max_length=200)
    documents: list[Annotated[str, Field(max_length=128)]] = Field([], max_length=50)
    shown: list[int] = Field([], max_length=DRAWABLE)

    @property
    def only(self) -> Only:
        return Only(tuple(self.types), tuple(self.documents))


class Ends(Schema):
    """Two entities, and the ids of what stands in the picture already."""

    one: Name
    other: Name
    shown: list[int] = Field([], max_length=DRAWABLE)


@permissions.needs("graph.view_entity")
def show(request: HttpRequest) -> HttpResponse:
    """The page; it says so where the script that draws was not built."""
    workspace = selected_workspace.workspace(request)
    values = {
        "built": finders.find(BUNDLE) is not None,
        "bundle": BUNDLE,
        "label": request.GET.get("label", ""),
        "popular": subgraph.popular(workspace.pk, SUGGESTIONS),
        "types": drawing.types(workspace.pk),
        "most": settings.LIGHTRAG.server.max_graph_nodes,
        "whole_url": reverse("resources:graph-file", args=[workspace.name, "graphml"]),
        "examples": EXAMPLES if cypher.may_ask(request) else (),
        "may_add": permissions.may(request, "graph.add_entity"),
        "may_relate": permissions.may(request, "graph.add_relation"),
    }
    return layout.show(request, "pages/graph.html", "graph", values)


@permissions.needs("graph.view_entity")
@require_POST
def data(request: HttpRequest) -> HttpResponse:
    """The neighbourhood of `label` up to `depth` steps, at most `nodes` entities."""
    asked = Part.model_validate_json(request.body)
    workspace = selected_workspace.workspace(request)
    label = asked.label
    if label != subgraph.EVERYTHING:
        label = edit.find_entity(workspace.pk, label).name
    most = min(asked.nodes, settings.LIGHTRAG.server.max_graph_nodes)
    ids = subgraph.reach(workspace.pk, label, asked.depth, most, asked.only)
    found = drawing.of(workspace.pk, ids[:most], beside=asked.shown, only=asked.only)
    return JsonResponse(drawn(found) | {"truncated": len(ids) > most})


def drawn(found: Sketch) -> dict[str, Any]:
    """Rows of id, name, type, degree, and of source, target, weight, keywords."""
    return {
        "nodes": [
            (one.id, one.name, one.entity_type, one.degree) for one in found.dots
        ],
        "edges": [
            (one.source, one.target, one.weight, one.keywords) for one in found.lines
        ],
    }


@permissions.needs("graph.view_entity")
@require_POST
def path(request: HttpRequest) -> HttpResponse:
    """The shortest path from one entity to the other; `path` is empty without one."""
    asked = Ends.model_validate_json(request.body)
    workspace = selected_workspace.workspace(request)
    ends = [
        edit.find_entity(workspace.pk, name).pk for name in (asked.one, asked.other)
    ]
    ids = paths.shortest(*ends)
    found = drawing.of(workspace.pk, ids, beside=asked.shown)
    return JsonResponse(drawn(found) | {"path": ids})


@permissions.needs("graph.view_entity")
def search(request: HttpRequest) -> HttpResponse:
    """Names that hold `q`, the closest first; the best connected where it is empty."""
    workspace, asked = (
        selected_workspace.workspace(request),
        request.GET.get("q", "").strip(),
    )
    if not asked:
        return JsonResponse({"names": subgraph.popular(workspace.pk, SUGGESTIONS)})
    return JsonResponse({"names": subgraph.search(workspace.pk, asked, SUGGESTIONS)})


@permissions.needs("documents.view_document")
def documents(request: HttpRequest) -> HttpResponse:
    """Documents whose names hold `q`, the newest first: for filters."""
    found = listing.of(selected_workspace.workspace(request)).order_by("-pk")
    asked = request.GET.get("q", "").strip()
    if asked:
        found = found.filter(name__icontains=asked)
    rows = found.values_list("public_id", "name")[:SUGGESTIONS]
    return JsonResponse({"documents": [{"id": id, "name": name} for id, name in rows]})
