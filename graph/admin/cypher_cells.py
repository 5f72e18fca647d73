"""HTML of the values in Cypher results, with links to entities and relations."""

from __future__ import annotations

import json
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from documents.admin_kit.panels import page_of, prose
from graph.age import agtype


def render(value: Any) -> SafeString:
    """Return HTML: a vertex as its name, an edge as its keywords, a path as a chain."""
    models = agtype.classes()
    if isinstance(value, models.Path):
        return format_html_join("", "{}", ((_step(part),) for part in value))
    if isinstance(value, models.Edge):
        return _edge(value)
    if isinstance(value, models.Vertex):
        return _vertex(value)
    if isinstance(value, list):
        return format_html_join(", ", "{}", ((render(part),) for part in value))
    if isinstance(value, dict):
        plain = json.dumps(agtype.plain(value), ensure_ascii=False, indent=1)
        return format_html('<pre class="cypher-map">{}</pre>', plain)
    return prose("" if value is None else str(value), 600)


def _step(part: Any) -> SafeString:
    if isinstance(part, agtype.classes().Edge):
        return format_html('<span class="cypher-arrow">—{}→</span>', _edge(part))
    return _vertex(part)


def _vertex(vertex: Any) -> SafeString:
    name = page_of("graph_entity", _row(vertex), vertex.properties["entity_id"])
    kind = vertex.properties.get("entity_type", "")
    return format_html(
        '<span class="cypher-vertex">{}<small>{}</small></span>', name, kind
    )


def _edge(edge: Any) -> SafeString:
    text = edge.properties.get("keywords") or edge.properties.get("description") or "…"
    return page_of("graph_relation", _row(edge), prose(str(text), 80))


def _row(element: Any) -> int:
    return agtype.row_id(int(element.id))
