"""What lies beside entities and passages: read from the tables, always as they are.

A node is a number: an entity's id, or a chunk's id made negative.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from psycopg import sql

from retrieval.search import filters, sql_rows
from retrieval.search.filters import NO_FILTERS, Filters
from retrieval.search.graph_walk import pagerank
from retrieval.search.graph_walk.pagerank import Edges

MAX_EDGES = 200
"""Of one kind. A node with more is a hub: being beside it says next to nothing, and so
some of its edges stand for all."""

# Names that are one but for their spelling are joined (`retrieval.index.name_key`).
# Edges travel as bytes: two arrays are read sooner than ten thousand rows.
READ = """
WITH ends AS MATERIALIZED (
    SELECT id, source_id, target_id FROM graph_relation
    WHERE workspace_id = %(workspace)s AND id = ANY(%(facts)s)
), entities AS MATERIALIZED (
    SELECT unnest(%(entities)s::bigint[]) AS id
    UNION SELECT source_id FROM ends UNION SELECT target_id FROM ends
), edges AS (
    SELECT n.id AS source, x.target
    FROM entities n CROSS JOIN LATERAL (
        (SELECT -chunk_id AS target FROM (
            SELECT DISTINCT chunk_id FROM graph_entitymention s
            WHERE entity_id = n.id AND {chunk} ORDER BY chunk_id LIMIT %(most)s
         ) spoken)
        UNION ALL
        (SELECT same.entity_id
         FROM {named} own JOIN {named} same USING (name_key)
         WHERE own.workspace_id = %(workspace)s AND own.entity_id = n.id
             AND same.entity_id <> n.id AND {entity}
         LIMIT %(most)s)
    ) x
    UNION ALL
    SELECT -chunk_id, entity_id FROM (
        SELECT DISTINCT chunk_id, entity_id FROM graph_entitymention
        WHERE chunk_id = ANY(%(chunks)s)) spoken
)
SELECT (SELECT array_agg(ARRAY[id, source_id, target_id]) FROM ends),
    string_agg(int8send(source), ''), string_agg(int8send(target), '')
FROM edges
"""


@dataclass
class Surroundings:
    """The part of the graph that was read so far."""

    workspace_id: int
    filters: Filters = NO_FILTERS
    edges: Edges = pagerank.NO_EDGES
    read: set[int] = field(default_factory=set)
    """Nodes whose edges are known."""

    def expand(
        self, nodes: Iterable[int], facts: Sequence[int] = ()
    ) -> dict[int, tuple[int, int]]:
        """Read the edges of these nodes and of the ends of `facts`. One statement.

        Edges join entities with the passages that speak of them, and with entities of
        the same name. Returns each fact's ends.
        """
        fresh = [node for node in nodes if node not in self.read]
        if not fresh and not facts:
            return {}
        values = {
            "workspace": self.workspace_id,
            "facts": list(facts),
            "entities": [node for node in fresh if node > 0],
            "chunks": [-node for node in fresh if node < 0],
            "most": MAX_EDGES,
            **self.filters.values,
        }
        ((found, *arrays),) = sql_rows.read(self._statement(), values)
        ends = {fact: (source, target) for fact, source, target in found or ()}
        if arrays[0]:
            self.edges = pagerank.joined(self.edges, _edges(*arrays))
        self.read.update(fresh, (end for pair in ends.values() for end in pair))
        return ends

    def _statement(self) -> sql.Composed:
        return sql.SQL(READ).format(
            named=sql.Identifier(f"search_entity_{self.workspace_id}"),
            chunk=filters.chunk(self.filters, "s.chunk_id"),
            entity=filters.entity(self.filters, "same.entity_id"),
        )

    def beside(self, nodes: Iterable[int]) -> list[int]:
        """What these nodes' edges lead to, as far as it is known."""
        chosen = np.isin(self.edges.sources, list(nodes))
        found: list[int] = np.unique(self.edges.targets[chosen]).tolist()
        return found

    def passages(self, entities: Sequence[int]) -> dict[int, int]:
        """How many passages speak of each of these entities; 1 at least."""
        chosen = np.isin(self.edges.sources, entities) & (self.edges.targets < 0)
        known, counts = np.unique(self.edges.sources[chosen], return_counts=True)
        spoken = dict(zip(known.tolist(), counts.tolist(), strict=True))
        return {entity: spoken.get(entity, 1) for entity in entities}


def _edges(sources: bytes, targets: bytes) -> Edges:
    return Edges(
        np.frombuffer(sources, ">i8").astype(np.int64),
        np.frombuffer(targets, ">i8").astype(np.int64),
    )
