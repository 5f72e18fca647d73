"""The graph as people look at it: names, one entity, the neighbourhood of one.

Read from the tables, never from AGE: what is undirected is slow there.
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
from graph.queries.filters import Only
from graph.queries.provenance import Sources

EVERYTHING = "*"

# docs/lightrag.md A.4: exact 1000, prefix 500, else 100 less the length, 50 more at a word's
# start; equals in alphabetical order.
_SEARCH = """
SELECT name FROM (
    SELECT name, lower(name) AS low, lower(%(asked)s) AS wanted
    FROM graph_entity WHERE workspace_id = %(workspace)s
) AS known
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
    """An entity and where it is known from. `created_at` is in seconds since 1970."""

    id: int
    name: str
    entity_type: str
    description: str
    degree: int
    created_at: int
    sources: Sources


@dataclass(frozen=True, slots=True)
class Edge:
    """A relation, its ends by name, and where it is known from."""

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
    """`is_truncated`: more nodes are in reach than were asked for."""

    nodes: tuple[Node, ...] = ()
    edges: tuple[Edge, ...] = ()
    is_truncated: bool = False


def labels(workspace_id: int) -> list[str]:
    """All names, sorted by code point."""
    return list(
        _entities(workspace_id)
        .order_by(Collate("name", "C"))
        .values_list("name", flat=True)
    )


def popular(workspace_id: int, limit: int) -> list[str]:
    """Names with the most relations first."""
    ranked = _entities(workspace_id).order_by("-degree", "name")
    return list(ranked.values_list("name", flat=True)[:limit])


def search(workspace_id: int, asked: str, limit: int) -> list[str]:
    """Names that hold `asked`, in any case, best first; blank finds nothing."""
    if not asked.strip():
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            _SEARCH,
            {"workspace": workspace_id, "asked": asked.strip(), "limit": limit},
        )
        return [row[0] for row in cursor.fetchall()]


def entity(workspace_id: int, name: str) -> Node | None:
    """The entity of that very name."""
    ids = _entities(workspace_id).filter(name=name).values_list("id", flat=True)
    return next(iter(_nodes(workspace_id, list(ids))), None)


def entities(workspace_id: int, names: Sequence[str]) -> list[Node]:
    """The entities of these very names."""
    known = _entities(workspace_id).filter(name__in=names)
    return _nodes(workspace_id, list(known.values_list("id", flat=True)))


def relation(workspace_id: int, one: str, other: str) -> Edge | None:
    """The relation between two entities, in whichever order they are named."""
    found = Relation.objects.filter(
        workspace_id=workspace_id,
        source__name__in=[one, other],
        target__name__in=[one, other],
    )
    return next(iter(_edges(workspace_id, found)), None)


def subgraph(workspace_id: int, label: str, max_depth: int, max_nodes: int) -> Subgraph:
    """The entities up to `max_depth` steps from `label`, and what joins them.

    Level by level, within a level those with more relations first; `*` is every
    entity, those with most relations first. An unknown label gives nothing. One query
    a level and five more.
    """
    ids = reach(workspace_id, label, max_depth, max_nodes)
    kept = ids[:max_nodes]
    joining = Relation.objects.filter(
        workspace_id=workspace_id, source_id__in=kept, target_id__in=kept
    )
    return Subgraph(
        tuple(_nodes(workspace_id, kept)),
        tuple(_edges(workspace_id, joining)),
        len(ids) > max_nodes,
    )


def reach(
    workspace_id: int,
    label: str,
    max_depth: int,
    max_nodes: int,
    only: Only = filters.EVERYTHING,
) -> list[int]:
    """Ids in the order they are reached, one more than `max_nodes` if there are more.

    The entity one starts from is among them whatever `only` says.
    """
    if label != EVERYTHING:
        return _neighbourhood(workspace_id, label, max_depth, max_nodes, only)
    ranked = only.entities(_entities(workspace_id)).order_by("-degree", "name")
    return list(ranked.values_list("id", flat=True)[: max_nodes + 1])


def _entities(workspace_id: int) -> QuerySet[Entity]:
    return Entity.objects.filter(workspace_id=workspace_id)


def _neighbourhood(
    workspace_id: int, label: str, max_depth: int, max_nodes: int, only: Only
) -> list[int]:
    start = _entities(workspace_id).filter(name=label)
    seen = list(start.values_list("id", flat=True))
    frontier: Sequence[int] = seen
    for _ in range(max_depth):
        if not frontier or len(seen) > max_nodes:
            break
        frontier = _next_level(frontier, seen, max_nodes + 1 - len(seen), only)
        seen = [*seen, *frontier]
    return seen


def _next_level(
    frontier: Sequence[int], seen: Sequence[int], limit: int, only: Only
) -> Sequence[int]:
    values = only.values | {
        "frontier": list(frontier),
        "seen": list(seen),
        "limit": limit,
    }
    with connection.cursor() as cursor:
        cursor.execute(_NEIGHBOURS, values)
        return [row[0] for row in cursor.fetchall()]


def _nodes(workspace_id: int, ids: Sequence[int]) -> list[Node]:
    """In the order of `ids`."""
    known = provenance.of_entities(workspace_id, ids)
    rows = {
        row[0]: row
        for row in Entity.objects.filter(id__in=ids).values_list(
            "id", "name", "entity_type", "description", "degree", "created_at"
        )
    }
    return [
        Node(number, name, kind, description, degree, _seconds(made), known[number])
        for number, name, kind, description, degree, made in (
            rows[number] for number in ids if number in rows
        )
    ]


def _edges(workspace_id: int, found: QuerySet[Relation]) -> list[Edge]:
    """The end whose name is smaller is the source, as upstream has it."""
    rows = list(
        found.order_by("id").values_list(
            "id",
            "source__name",
            "target__name",
            "description",
            "keywords",
            "weight",
            "created_at",
        )
    )
    known = provenance.of_relations(workspace_id, [row[0] for row in rows])
    return [
        Edge(
            number,
            min(one, other),
            max(one, other),
            description,
            keywords,
            weight,
            _seconds(made),
            known[number],
        )
        for number, one, other, description, keywords, weight, made in rows
    ]


def _seconds(moment: datetime) -> int:
    return int(moment.timestamp())
