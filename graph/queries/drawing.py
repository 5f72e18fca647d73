"""Data to draw a part of the graph: names, types, degrees and edges.

Two statements for any number of entities. Descriptions and sources are not read, so
5,000 entities and 20,000 relations can be drawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count

from graph.models import Entity
from graph.queries import filters
from graph.queries.filters import GraphFilter

MAX_KEYWORD_CHARS = 120
"""Upper bound on the characters of an edge's keywords."""

# Each edge with one end in `ids` and the other in `ids` or `beside`.
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
class DrawnEntity:
    """A node of the drawing."""

    id: int
    name: str
    entity_type: str
    degree: int


@dataclass(frozen=True, slots=True)
class DrawnRelation:
    """An edge of the drawing; `source` and `target` are ids of entities."""

    source: int
    target: int
    weight: float
    keywords: str


@dataclass(frozen=True, slots=True)
class Drawing:
    """Entities in the requested order, and the relations between them."""

    entities: tuple[DrawnEntity, ...] = ()
    relations: tuple[DrawnRelation, ...] = ()


def of(
    workspace_id: int,
    ids: Sequence[int],
    *,
    beside: Sequence[int] = (),
    graph_filter: GraphFilter = filters.NO_FILTER,
) -> Drawing:
    """Return the entities with the relations among them and to the entities `beside`.

    `beside` are the ids of entities that are drawn already.
    """
    rows = Entity.objects.filter(workspace=workspace_id, id__in=ids)
    entities = {
        row[0]: DrawnEntity(*row)
        for row in rows.values_list("id", "name", "entity_type", "degree")
    }
    values = {
        "workspace": workspace_id,
        "ids": list(entities),
        "all": [*entities, *beside],
        "keywords": MAX_KEYWORD_CHARS,
        "documents": graph_filter.values["documents"],
    }
    with connection.cursor() as cursor:
        cursor.execute(_EDGES, values)
        relations = tuple(DrawnRelation(*row) for row in cursor.fetchall())
    return Drawing(tuple(entities[id] for id in ids if id in entities), relations)


def types(workspace_id: int) -> list[tuple[str, int]]:
    """Return the entity types of the workspace with their counts, most frequent first."""
    counts = (
        Entity.objects.filter(workspace=workspace_id)
        .values_list("entity_type")
        .annotate(n=Count("pk"))
        .order_by("-n", "entity_type")
    )
    return list(counts)
