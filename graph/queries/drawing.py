"""What a picture of a part of the graph needs: names, types, degrees, edges; no words.

Two statements, whatever the number: 5,000 entities and 20,000 relations are drawn
without their descriptions and sources being read.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count

from graph.models import Entity
from graph.queries import filters
from graph.queries.filters import Only

KEYWORDS = 120
"""Characters of an edge's keywords that are shown on it."""

# Each edge with an end among `ids` and its other end there or in `beside`.
_EDGES = """
SELECT r.source_id, r.target_id, r.weight, left(r.keywords, %(keywords)s)
FROM graph_relation r
WHERE r.workspace_id = %(workspace)s
AND r.source_id = ANY(%(all)s) AND r.target_id = ANY(%(all)s)
AND (r.source_id = ANY(%(ids)s) OR r.target_id = ANY(%(ids)s))
AND (%(documents)s::text[] IS NULL OR r.id IN (
    SELECT m.relation_id FROM graph_relationmention m
    JOIN documents_chunk c ON c.id = m.chunk_id
    JOIN documents_document d ON d.id = c.document_id
    WHERE d.public_id = ANY(%(documents)s::text[])))
ORDER BY r.id
"""


@dataclass(frozen=True, slots=True)
class Dot:
    """An entity as a picture shows it."""

    id: int
    name: str
    entity_type: str
    degree: int


@dataclass(frozen=True, slots=True)
class Line:
    """A relation between two entities' ids."""

    source: int
    target: int
    weight: float
    keywords: str


@dataclass(frozen=True, slots=True)
class Sketch:
    """Entities in the order that was asked for, and what joins them."""

    dots: tuple[Dot, ...] = ()
    lines: tuple[Line, ...] = ()


def of(
    workspace_id: int,
    ids: Sequence[int],
    *,
    beside: Sequence[int] = (),
    only: Only = filters.EVERYTHING,
) -> Sketch:
    """These entities, and the edges among them and to those `beside` (shown already)."""
    rows = Entity.objects.filter(workspace=workspace_id, id__in=ids)
    known = {
        row[0]: Dot(*row)
        for row in rows.values_list("id", "name", "entity_type", "degree")
    }
    values = {
        "workspace": workspace_id,
        "ids": list(known),
        "all": [*known, *beside],
        "keywords": KEYWORDS,
        "documents": only.values["documents"],
    }
    with connection.cursor() as cursor:
        cursor.execute(_EDGES, values)
        lines = tuple(Line(*row) for row in cursor.fetchall())
    return Sketch(tuple(known[id] for id in ids if id in known), lines)


def types(workspace_id: int) -> list[tuple[str, int]]:
    """The types of the workspace's entities, the most frequent first, with counts."""
    counted = (
        Entity.objects.filter(workspace=workspace_id)
        .values_list("entity_type")
        .annotate(n=Count("pk"))
        .order_by("-n", "entity_type")
    )
    return list(counted)
