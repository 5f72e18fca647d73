"""Shortest path between two entities, by breadth-first search from both ends.

Each level is one statement on the relations' indexes, from the side with the smaller
frontier. The search ends at `MAX_STEPS` relations or `MAX_SEEN` entities.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from django.db import connection

from graph.errors import TooFarApart

MAX_STEPS = 10
MAX_SEEN = 200_000
"""Upper bound on the entities that both searches visit."""

# An entity that several relations reach is recorded with the heaviest one.
LEVEL = """
SELECT DISTINCT ON (reached) reached, via
FROM (
    SELECT target_id AS reached, source_id AS via, weight
    FROM graph_relation WHERE source_id = ANY(%(frontier)s)
    UNION ALL
    SELECT source_id, target_id, weight
    FROM graph_relation WHERE target_id = ANY(%(frontier)s)
) AS ends
WHERE reached <> ALL(%(seen)s)
ORDER BY reached, weight DESC, via
"""


@dataclass(slots=True)
class EndSearch:
    """The search from one end.

    `via` has the predecessor of each visited entity, `frontier` the last level.
    """

    start: int
    via: dict[int, int] = field(default_factory=dict)
    frontier: list[int] = field(default_factory=list)

    def expand(self) -> None:
        """Visit the next level. One statement."""
        values = {"frontier": self.frontier, "seen": list(self.via)}
        with connection.cursor() as cursor:
            cursor.execute(LEVEL, values)
            reached = dict(cursor.fetchall())
        self.via.update(reached)
        self.frontier = list(reached)

    def path_from(self, end: int) -> list[int]:
        """Return the ids from `end` back to the start."""
        path = [end]
        while path[-1] != self.start:
            path.append(self.via[path[-1]])
        return path


def _search_from(start: int) -> EndSearch:
    return EndSearch(start, {start: start}, [start])


def shortest(start: int, end: int) -> list[int]:
    """Return the ids on a shortest path with both ends, or [] if there is none.

    Both entities must be in one workspace. Raises TooFarApart.
    """
    here, there = _search_from(start), _search_from(end)
    for _ in range(MAX_STEPS + 1):
        # Levels are complete, so every shared entity is on a shortest path.
        shared = here.via.keys() & there.via.keys()
        if shared:
            middle = min(shared)
            return [*reversed(here.path_from(middle)), *there.path_from(middle)[1:]]
        if len(here.via) + len(there.via) > MAX_SEEN:
            break
        smaller = min(here, there, key=lambda side: len(side.frontier))
        smaller.expand()
        if not smaller.frontier:
            return []
    raise TooFarApart
