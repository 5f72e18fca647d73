"""The graph page, and the endpoints that load parts of the graph and suggestions."""

from __future__ import annotations

from typing import Annotated

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import reverse
from django.views.decorators.http import require_POST
from ninja import Schema
from pydantic import Field

from compat_api.webui import layout, permissions, selected_workspace
from compat_api.webui.graph import cypher
from compat_api.webui.graph.drawing_rows import drawing_rows
from documents.queries import listing
from graph.age.examples import EXAMPLES
from graph.curation import edit
from graph.queries import drawing, paths, subgraph
from graph.queries.filters import GraphFilter

MAX_SUGGESTIONS = 12
MAX_DEPTH = 3
MAX_SHOWN = 20_000
"""Upper bound on entities that a request names as shown already."""

Name = Annotated[str, Field(max_length=256)]


class PartRequest(Schema):
    """The neighborhood of `label`; `shown` are the ids of entities in the view."""

    label: Name = subgraph.ALL_ENTITIES
    depth: int = Field(1, ge=1, le=MAX_DEPTH)
    nodes: int = Field(200, ge=1)
    types: list[Annotated[str, Field(max_length=128)]] = Field([], max_length=200)
    documents: list[Annotated[str, Field(max_length=128)]] = Field([], max_length=50)
    shown: list[int] = Field([], max_length=MAX_SHOWN)

    @property
    def graph_filter(self) -> GraphFilter:
        return GraphFilter(tuple(self.types), tuple(self.documents))


class PathRequest(Schema):
    """The ends of a path; `shown` are the ids of entities in the view."""

    source: Name
    target: Name
    shown: list[int] = Field([], max_length=MAX_SHOWN)


@permissions.needs("graph.view_entity")
def show(request: HttpRequest) -> HttpResponse:
    """Show the page. Its script loads the graph."""
    workspace = selected_workspace.workspace(request)
    values = {
        "label": request.GET.get("label", ""),
        "popular": subgraph.popular(workspace.pk, MAX_SUGGESTIONS),
        "types": drawing.types(workspace.pk),
        "max_nodes": settings.LIGHTRAG.server.max_graph_nodes,
        "graph_file_url": reverse(
            "resources:graph-file", args=[workspace.name, "graphml"]
        ),
        "examples": EXAMPLES if cypher.may_query(request) else (),
        "may_add": permissions.may(request, "graph.add_entity"),
        "may_relate": permissions.may(request, "graph.add_relation"),
    }
    return layout.show(request, "webui/graph.html", "graph", values)


@permissions.needs("graph.view_entity")
@require_POST
def data(request: HttpRequest) -> HttpResponse:
    """Return the neighborhood of an entity, and whether `nodes` truncated it."""
    body = PartRequest.model_validate_json(request.body)
    workspace = selected_workspace.workspace(request)
    label = body.label
    if label != subgraph.ALL_ENTITIES:
        label = edit.find_entity(workspace.pk, label).name
    limit = min(body.nodes, settings.LIGHTRAG.server.max_graph_nodes)
    ids = subgraph.reach(workspace.pk, label, body.depth, limit, body.graph_filter)
    part = drawing.of(
        workspace.pk, ids[:limit], beside=body.shown, graph_filter=body.graph_filter
    )
    return JsonResponse(drawing_rows(part) | {"truncated": len(ids) > limit})


@permissions.needs("graph.view_entity")
@require_POST
def path(request: HttpRequest) -> HttpResponse:
    """Return the shortest path; `path` is empty if there is none."""
    body = PathRequest.model_validate_json(request.body)
    workspace = selected_workspace.workspace(request)
    ends = [
        edit.find_entity(workspace.pk, name).pk for name in (body.source, body.target)
    ]
    ids = paths.shortest(*ends)
    part = drawing.of(workspace.pk, ids, beside=body.shown)
    return JsonResponse(drawing_rows(part) | {"path": ids})


@permissions.needs("graph.view_entity")
def search(request: HttpRequest) -> HttpResponse:
    """Return names that contain `q`, or the best connected entities without `q`."""
    workspace = selected_workspace.workspace(request)
    text = request.GET.get("q", "").strip()
    if text:
        names = subgraph.search(workspace.pk, text, MAX_SUGGESTIONS)
    else:
        names = subgraph.popular(workspace.pk, MAX_SUGGESTIONS)
    return JsonResponse({"names": names})


@permissions.needs("documents.view_document")
def documents(request: HttpRequest) -> HttpResponse:
    """Return the newest documents whose names contain `q`."""
    rows = listing.all_documents(selected_workspace.workspace(request)).order_by("-pk")
    text = request.GET.get("q", "").strip()
    if text:
        rows = rows.filter(name__icontains=text)
    matches = rows.values_list("public_id", "name")[:MAX_SUGGESTIONS]
    return JsonResponse(
        {"documents": [{"id": public_id, "name": name} for public_id, name in matches]}
    )
