"""The part of the graph around a question, read from the tables while the walk runs.

A node is an integer: the id of an entity, or the negated id of a chunk.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
from psycopg import sql

from retrieval.index import tables
from retrieval.search import filters, search_transaction
from retrieval.search.filters import NO_FILTERS, Filters
from retrieval.search.graph_walk import pagerank
from retrieval.search.graph_walk.pagerank import Edges

MAX_EDGES = 200
"""Upper bound on the edges of one kind that are read for a node. An edge of a node that
has more of them carries almost no weight, so a sample stands for all."""

# Entities whose names differ only in spelling are connected (`retrieval.index.name_key`).
# Edges are returned as bytes: two values are parsed faster than ten thousand rows.
READ = """
WITH ends AS MATERIALIZED (
    SELECT id, source_id, target_id FROM graph_relation
    WHERE workspace_id = %(workspace)s AND id = ANY(%(relations)s)
), entities AS MATERIALIZED (
    SELECT unnest(%(entities)s::bigint[]) AS id
    UNION SELECT source_id FROM ends UNION SELECT target_id FROM ends
), edges AS (
    SELECT n.id AS source, x.target
    FROM entities n CROSS JOIN LATERAL (
        (SELECT -chunk_id AS target FROM (
            SELECT DISTINCT chunk_id FROM graph_entitymention s
            WHERE entity_id = n.id AND {chunk} ORDER BY chunk_id LIMIT %(max_edges)s
         ) mentions)
        UNION ALL
        (SELECT same.entity_id
         FROM {search_entity} own JOIN {search_entity} same USING (name_key)
         WHERE own.entity_id = n.id
             AND same.entity_id <> n.id AND {entity}
         LIMIT %(max_edges)s)
    ) x
    UNION ALL
    SELECT -chunk_id, entity_id FROM (
        SELECT DISTINCT chunk_id, entity_id FROM graph_entitymention
        WHERE chunk_id = ANY(%(chunks)s)) mentions
)
SELECT (SELECT array_agg(ARRAY[id, source_id, target_id]) FROM ends),
    string_agg(int8send(source), ''), string_agg(int8send(target), '')
FROM edges
"""


@dataclass
class Surroundings:
    """The nodes and edges read so far."""

    workspace_id: int
    index_id: int
    filters: Filters = NO_FILTERS
    edges: Edges = pagerank.NO_EDGES
    read: set[int] = field(default_factory=set)
    """Nodes whose edges have been read."""

    def expand(
        self, nodes: Iterable[int], relations: Sequence[int] = ()
    ) -> dict[int, tuple[int, int]]:
        """Read the edges of the nodes and of the ends of the relations. One statement.

        Edges connect entities with the chunks that mention them, and with entities of
        the same name. Returns the ends of each relation.
        """
        unread = [node for node in nodes if node not in self.read]
        if not unread and not relations:
            return {}
        values = {
            "workspace": self.workspace_id,
            "relations": list(relations),
            "entities": [node for node in unread if node > 0],
            "chunks": [-node for node in unread if node < 0],
            "max_edges": MAX_EDGES,
            **self.filters.values,
        }
        ((rows, *arrays),) = search_transaction.fetch(self._statement(), values)
        ends = {relation: (source, target) for relation, source, target in rows or ()}
        if arrays[0]:
            self.edges = pagerank.concatenate(self.edges, _edges(*arrays))
        self.read.update(unread, (end for pair in ends.values() for end in pair))
        return ends

    def _statement(self) -> sql.Composed:
        return sql.SQL(READ).format(
            search_entity=tables.rows("entity", self.index_id),
            chunk=filters.chunk(self.filters, "s.chunk_id"),
            entity=filters.entity(self.filters, "same.entity_id"),
        )

    def neighbours(self, nodes: Iterable[int]) -> list[int]:
        """Return the targets of these nodes' edges, among the edges read so far."""
        mask = np.isin(self.edges.sources, list(nodes))
        targets: list[int] = np.unique(self.edges.targets[mask]).tolist()
        return targets

    def chunk_counts(self, entities: Sequence[int]) -> dict[int, int]:
        """Return how many chunks mention each entity; at least 1."""
        mask = np.isin(self.edges.sources, entities) & (self.edges.targets < 0)
        nodes, counts = np.unique(self.edges.sources[mask], return_counts=True)
        by_entity = dict(zip(nodes.tolist(), counts.tolist(), strict=True))
        return {entity: by_entity.get(entity, 1) for entity in entities}


def _edges(sources: bytes, targets: bytes) -> Edges:
    return Edges(
        np.frombuffer(sources, ">i8").astype(np.int64),
        np.frombuffer(targets, ">i8").astype(np.int64),
    )
