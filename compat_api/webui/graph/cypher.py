"""Read-only Cypher queries: the result as a table and as a part of the graph."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST
from ninja import Schema
from pydantic import Field

from compat_api.auth import authentication
from compat_api.webui import permissions, selected_workspace
from compat_api.webui.graph.drawing_rows import drawing_rows
from graph.age import agtype, run_cypher
from graph.queries import drawing
from graph.queries.drawing import Drawing

MAX_ROWS = 500
MAX_VALUE_LENGTH = 600
"""Upper bound on characters of one value."""


class CypherRequest(Schema):
    """A read-only query."""

    query: str = Field(max_length=20_000)


def may_query(request: HttpRequest) -> bool:
    """Return True for staff, and for everyone if the server is open."""
    may_see = permissions.may(request, "graph.view_entity")
    return may_see and (request.user.is_staff or not authentication.is_configured())


@permissions.needs("graph.view_entity")
@require_POST
def run(request: HttpRequest) -> HttpResponse:
    """Return columns and rows of texts, and the nodes and edges of the result."""
    if not may_query(request):
        return permissions.refuse(request)
    body = CypherRequest.model_validate_json(request.body)
    workspace = selected_workspace.workspace(request)
    start = time.perf_counter()
    result = run_cypher.run(workspace.pk, body.query, limit=MAX_ROWS)
    seconds = time.perf_counter() - start
    part = subgraph_of(workspace.pk, result)
    return JsonResponse(
        {
            "columns": result.columns,
            "rows": [[cell(value) for value in row] for row in result.rows],
            "truncated": result.is_truncated,
            "seconds": round(seconds, 3),
        }
        | drawing_rows(part)
    )


def subgraph_of(workspace_id: int, result: run_cypher.CypherResult) -> Drawing:
    """Return the entities in the result, the ends of its relations, and their edges."""
    classes = agtype.classes()
    ids: dict[int, None] = {}
    values = (value for row in result.rows for value in row)
    for element in (element for value in values for element in elements(value)):
        if isinstance(element, classes.Edge):
            ids[agtype.row_id(int(element.start_id))] = None
            ids[agtype.row_id(int(element.end_id))] = None
        else:
            ids[agtype.row_id(int(element.id))] = None
    return drawing.of(workspace_id, list(ids))


def elements(value: Any) -> Iterator[Any]:
    """Yield the vertices and edges in a value, also in nested lists and maps."""
    classes = agtype.classes()
    if isinstance(value, classes.Path | list | tuple):
        for part in value:
            yield from elements(part)
    elif isinstance(value, dict):
        for part in value.values():
            yield from elements(part)
    elif isinstance(value, classes.Edge | classes.Vertex):
        yield value


def cell(value: Any) -> dict[str, str]:
    """Return the text of a value, and its name if it is an entity."""
    if isinstance(value, agtype.classes().Vertex):
        name = str(value.properties.get("entity_id", ""))
        return {"text": name, "name": name}
    return {"text": display(value)[:MAX_VALUE_LENGTH], "name": ""}


def display(value: Any) -> str:
    """Return the name of a vertex, the keywords of an edge, or a path as a chain."""
    classes = agtype.classes()
    if isinstance(value, classes.Path):
        return "".join(
            f" —{display(part)}→ " if isinstance(part, classes.Edge) else display(part)
            for part in value
        )
    if isinstance(value, classes.Edge):
        return str(value.properties.get("keywords") or "…")
    if isinstance(value, classes.Vertex):
        return str(value.properties.get("entity_id", ""))
    if isinstance(value, list):
        return ", ".join(map(display, value))
    if isinstance(value, dict):
        return json.dumps(agtype.plain(value), ensure_ascii=False)
    return "" if value is None else str(value)
