"""A part of the graph as compact rows of JSON."""

from __future__ import annotations

from typing import Any

from graph.queries.drawing import Drawing


def drawing_rows(part: Drawing) -> dict[str, Any]:
    """Return rows (id, name, type, degree) and (source, target, weight, keywords)."""
    return {
        "nodes": [
            (node.id, node.name, node.entity_type, node.degree)
            for node in part.entities
        ],
        "edges": [
            (edge.source, edge.target, edge.weight, edge.keywords)
            for edge in part.relations
        ],
    }
