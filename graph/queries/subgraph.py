"""Reads of the graph: names, entities, relations and the neighbourhood of an entity.

They use the tables and not AGE, in which undirected matches are slow.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Collate

from graph.models import Entity, Relation
from graph.queries import filters, provenance
from graph.queries.filters import GraphFilter
from graph.queries.provenance import Sources

ALL_ENTITIES = "*"
"""LightRAG's label that stands for all entities."""

# LightRAG's ranking (docs/lightrag.md A.4): exact match 1000, prefix 500, else 100 minus the
# length, plus 50 at the start of a word; equal ranks in alphabetical order.
_SEARCH = """
SELECT name FROM (
    SELECT name, lower(name) AS low, lower(%(text)s) AS wanted
    FROM graph_entity WHERE workspace_id = %(workspace)s
) AS names
WHERE strpos(low, wanted) > 0
ORDER BY CASE
    WHEN low = wanted THEN 1000
    WHEN starts_with(low, wanted) THEN 500
    WHEN strpos(translate(low, '_-', '  '), ' ' || translate(wanted, '_-', '  ')) > 0
        THEN 150 - length(name)
    ELSE 100 - length(name)
END DESC, name COLLATE "C"
LIMIT %(limit)s
"""

_NEXT_LEVEL = """
SELECT e.id FROM graph_entity e
WHERE e.id IN (
    SELECT target_id FROM graph_relation WHERE source_id = ANY(%(frontier)s)
    UNION
    SELECT source_id FROM graph_relation WHERE target_id = ANY(%(frontier)s)
) AND NOT e.id = ANY(%(seen)s) AND {condition}
ORDER BY e.degree DESC, e.name COLLATE "C" LIMIT %(limit)s
"""
_NEIGHBOURS = _NEXT_LEVEL.format(condition=filters.CONDITION)


@dataclass(frozen=True, slots=True)
class Node:
    """An entity with its sources; `created_at` is in seconds since 1970."""

    id: int
    name: str
    entity_type: str
    description: str
    degree: int
    created_at: int
    sources: Sources


@dataclass(frozen=True, slots=True)
class Edge:
    """A relation with the names of its ends and its sources."""

    id: int
    source: str
    target: str
    description: str
    keywords: str
    weight: float
    created_at: int
    sources: Sources


@dataclass(frozen=True, slots=True)
class Subgraph:
    """Nodes and edges; `is_truncated` if more nodes than the limit are reachable."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    is_truncated: bool = False


def labels(workspace_id: int) -> list[str]:
    """Return all names of entities, sorted by code point."""
    return list(
        _entities(workspace_id)
        .order_by(Collate("name", "C"))
        .values_list("name", flat=True)
    )


def popular(workspace_id: int, limit: int) -> list[str]:
    """Return the names of the entities with the most relations."""
    ranked = _entities(workspace_id).order_by("-degree", "name")
    return list(ranked.values_list("name", flat=True)[:limit])


def search(workspace_id: int, text: str, limit: int) -> list[str]:
    """Return the names that contain `text` in any case, best match first."""
    if not text.strip():
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            _SEARCH,
            {"workspace": workspace_id, "text": text.strip(), "limit": limit},
        )
        return [row[0] for row in cursor.fetchall()]


def entity(workspace_id: int, name: str) -> Node | None:
    """Return the entity with exactly this name."""
    ids = _entities(workspace_id).filter(name=name).values_list("id", flat=True)
    return next(iter(_nodes(workspace_id, list(ids))), None)


def entities(workspace_id: int, names: Sequence[str]) -> list[Node]:
    """Return the entities with exactly these names."""
    rows = _entities(workspace_id).filter(name__in=names)
    return _nodes(workspace_id, list(rows.values_list("id", flat=True)))


def relation(workspace_id: int, first: str, second: str) -> Edge | None:
    """Return the relation between two entities, named in any order."""
    relations = Relation.objects.filter(
        workspace_id=workspace_id,
        source__name__in=[first, second],
        target__name__in=[first, second],
    )
    return next(iter(_edges(workspace_id, relations)), None)


def subgraph(workspace_id: int, label: str, max_depth: int, max_nodes: int) -> Subgraph:
    """Return the entities up to `max_depth` steps from `label` and their relations.

    Entities are ordered by level, then by number of relations. The label `*` stands for
    all entities, an unknown label returns none. One query per level and five more.
    """
    ids = reach(workspace_id, label, max_depth, max_nodes)
    shown_ids = ids[:max_nodes]
    relations = Relation.objects.filter(
        workspace_id=workspace_id, source_id__in=shown_ids, target_id__in=shown_ids
    )
    return Subgraph(
        tuple(_nodes(workspace_id, shown_ids)),
        tuple(_edges(workspace_id, relations)),
        len(ids) > max_nodes,
    )


def reach(
    workspace_id: int,
    label: str,
    max_depth: int,
    max_nodes: int,
    graph_filter: GraphFilter = filters.NO_FILTER,
) -> list[int]:
    """Return up to `max_nodes` + 1 ids in the order in which they are reached.

    The additional id shows that there are more than `max_nodes`. The start entity is
    included even if the filter does not allow it.
    """
    if label != ALL_ENTITIES:
        return _neighbourhood(workspace_id, label, max_depth, max_nodes, graph_filter)
    ranked = graph_filter.entities(_entities(workspace_id)).order_by("-degree", "name")
    return list(ranked.values_list("id", flat=True)[: max_nodes + 1])


def _entities(workspace_id: int) -> QuerySet[Entity]:
    return Entity.objects.filter(workspace_id=workspace_id)


def _neighbourhood(
    workspace_id: int,
    label: str,
    max_depth: int,
    max_nodes: int,
    graph_filter: GraphFilter,
) -> list[int]:
    start = _entities(workspace_id).filter(name=label)
    seen = list(start.values_list("id", flat=True))
    frontier: Sequence[int] = seen
    for _ in range(max_depth):
        if not frontier or len(seen) > max_nodes:
            break
        frontier = _next_level(frontier, seen, max_nodes + 1 - len(seen), graph_filter)
        seen = [*seen, *frontier]
    return seen


def _next_level(
    frontier: Sequence[int], seen: Sequence[int], limit: int, graph_filter: GraphFilter
) -> Sequence[int]:
    values = graph_filter.values | {
        "frontier": list(frontier),
        "seen": list(seen),
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_NEIGHBOURS, values)
        return [row[0] for row in cursor.fetchall()]


def _nodes(workspace_id: int, ids: Sequence[int]) -> list[Node]:
    """Return nodes in the order of `ids`."""
    sources = provenance.of_entities(workspace_id, ids)
    rows = {
        row[0]: row
        for row in Entity.objects.filter(id__in=ids).values_list(
            "id", "name", "entity_type", "description", "degree", "created_at"
        )
    }
    return [
        Node(
            number, name, kind, description, degree, _seconds(created), sources[number]
        )
        for number, name, kind, description, degree, created in (
            rows[number] for number in ids if number in rows
        )
    ]


def _edges(workspace_id: int, relations: QuerySet[Relation]) -> list[Edge]:
    """Return edges; as in LightRAG, the end with the smaller name is the source."""
    rows = list(
        relations.order_by("id").values_list(
            "id",
            "source__name",
            "target__name",
            "description",
            "keywords",
            "weight",
            "created_at",
        )
    )
    sources = provenance.of_relations(workspace_id, [row[0] for row in rows])
    return [
        Edge(
            number,
            min(source, target),
            max(source, target),
            description,
            keywords,
            weight,
            _seconds(created),
            sources[number],
        )
        for number, source, target, description, keywords, weight, created in rows
    ]


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
