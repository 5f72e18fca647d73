"""A box for read-only Cypher: what it finds as a table, and as a part of the picture."""

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
from graph.age import agtype, cypher
from graph.queries import drawing
from graph.queries.drawing import Sketch

ROWS = 500
"""Rows that are shown: reading, not exporting."""
SHOWN = 600
"""Characters of one value."""


class Query(Schema):
    """A query that reads."""

    query: str = Field(max_length=20_000)


def may_ask(request: HttpRequest) -> bool:
    """Staff; everybody where nobody is asked for anything."""
    may_see = permissions.may(request, "graph.view_entity")
    return may_see and (request.user.is_staff or not authentication.is_configured())


@permissions.needs("graph.view_entity")
@require_POST
def ask(request: HttpRequest) -> HttpResponse:
    """Columns and rows of texts, and the entities and relations in them. Raises
    CypherError, told in words."""
    if not may_ask(request):
        return permissions.refuse(request)
    body = Query.model_validate_json(request.body)
    workspace = selected_workspace.workspace(request)
    start = time.perf_counter()
    found = cypher.run(workspace.pk, body.query, limit=ROWS)
    seconds = time.perf_counter() - start
    part = pictured(workspace.pk, found)
    return JsonResponse(
        {
            "columns": found.columns,
            "rows": [[cell(value) for value in row] for row in found.rows],
            "truncated": found.is_truncated,
            "seconds": round(seconds, 3),
            "nodes": [(d.id, d.name, d.entity_type, d.degree) for d in part.dots],
            "edges": [(e.source, e.target, e.weight, e.keywords) for e in part.lines],
        }
    )


def pictured(workspace_id: int, found: cypher.CypherResult) -> Sketch:
    """All entities in the result, the ends of its relations, and what joins them."""
    known = agtype.classes()
    ids: dict[int, None] = {}
    for element in (e for row in found.rows for value in row for e in elements(value)):
        if isinstance(element, known.Edge):
            ids[agtype.row_id(int(element.start_id))] = None
            ids[agtype.row_id(int(element.end_id))] = None
        else:
            ids[agtype.row_id(int(element.id))] = None
    return drawing.of(workspace_id, list(ids))


def elements(value: Any) -> Iterator[Any]:
    """The vertices and edges in a value, however deep."""
    known = agtype.classes()
    if isinstance(value, known.Path | list | tuple):
        for part in value:
            yield from elements(part)
    elif isinstance(value, dict):
        for part in value.values():
            yield from elements(part)
    elif isinstance(value, known.Edge | known.Vertex):
        yield value


def cell(value: Any) -> dict[str, str]:
    """A value as a person reads it; `name` where it is an entity."""
    if isinstance(value, agtype.classes().Vertex):
        name = str(value.properties.get("entity_id", ""))
        return {"text": name, "name": name}
    return {"text": words(value)[:SHOWN], "name": ""}


def words(value: Any) -> str:
    """A vertex as its name, an edge as its keywords, a path as a chain of both."""
    known = agtype.classes()
    if isinstance(value, known.Path):
        return "".join(
            f" —{words(part)}→ " if isinstance(part, known.Edge) else words(part)
            for part in value
        )
    if isinstance(value, known.Edge):
        return str(value.properties.get("keywords") or "…")
    if isinstance(value, known.Vertex):
        return str(value.properties.get("entity_id", ""))
    if isinstance(value, list):
        return ", ".join(map(words, value))
    if isinstance(value, dict):
        return json.dumps(agtype.plain(value), ensure_ascii=False)
    return "" if value is None else str(value)
