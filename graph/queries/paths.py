"""The shortest path between two entities: a search from both ends, level by level.

Each level is one statement on the relations' indexes, always from the side that has
fewer entities at its edge. It ends at `MAX_STEPS` relations or `MAX_SEEN` entities.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import connection

from graph.errors import TooFarApart

MAX_STEPS = 10
MAX_SEEN = 200_000
"""Entities that both searches may meet before the ends count as too far apart."""

# Of the ways to reach an entity the heaviest relation counts.
LEVEL = """
SELECT DISTINCT ON (reached) reached, via
FROM (
    SELECT target_id AS reached, source_id AS via, weight
    FROM graph_relation WHERE source_id = ANY(%(edge)s)
    UNION ALL
    SELECT source_id, target_id, weight
    FROM graph_relation WHERE target_id = ANY(%(edge)s)
) AS ends
WHERE reached <> ALL(%(seen)s)
ORDER BY reached, weight DESC, via
"""


@dataclass(slots=True)
class Side:
    """One end's search: by what each entity was reached, and the last level."""

    start: int
    via: dict[int, int] = field(default_factory=dict)
    edge: list[int] = field(default_factory=list)

    def grow(self) -> None:
        """One step further. One statement."""
        values = {"edge": self.edge, "seen": list(self.via)}
        with connection.cursor() as cursor:
            cursor.execute(LEVEL, values)
            reached = dict(cursor.fetchall())
        self.via.update(reached)
        self.edge = list(reached)

    def way(self, end: int) -> list[int]:
        """From `end` back to the start."""
        found = [end]
        while found[-1] != self.start:
            found.append(self.via[found[-1]])
        return found


def _from(start: int) -> Side:
    return Side(start, {start: start}, [start])


def shortest(one: int, other: int) -> list[int]:
    """The ids on a shortest path, both ends included; empty where there is none.

    Both must be of one workspace: relations do not leave it. Raises TooFarApart.
    """
    here, there = _from(one), _from(other)
    for _ in range(MAX_STEPS + 1):
        # Whole levels meet at the other's edge, so whatever they share is a shortest way.
        met = here.via.keys() & there.via.keys()
        if met:
            middle = min(met)
            return [*reversed(here.way(middle)), *there.way(middle)[1:]]
        if len(here.via) + len(there.via) > MAX_SEEN:
            break
        nearer = min(here, there, key=lambda side: len(side.edge))
        nearer.grow()
        if not nearer.edge:
            return []
    raise TooFarApart
