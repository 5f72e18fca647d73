"""Which chunks and files spoke of an entity or relation: what /query/data lists."""

from __future__ import annotations

from dataclasses import replace

from retrieval import rows
from retrieval.context import Context

MAX_CHUNKS = 50
"""Chunks listed for one entity or relation."""

READ = """
SELECT 'entity', wanted.id, array_agg(said.chunk ORDER BY said.id),
    array_agg(DISTINCT said.name)
FROM unnest(%(entities)s::bigint[]) AS wanted (id), LATERAL (
    SELECT d.public_id || '-chunk-' || lpad(
            c."order"::text, greatest(3, length(c."order"::text)), '0') AS chunk,
        d.name, c.id
    FROM (SELECT DISTINCT chunk_id FROM graph_entitymention m
          WHERE m.entity_id = wanted.id ORDER BY chunk_id LIMIT %(most)s) m
    JOIN documents_chunk c ON c.id = m.chunk_id
    JOIN documents_document d ON d.id = c.document_id) said
GROUP BY wanted.id
UNION ALL
SELECT 'relation', wanted.id, array_agg(said.chunk ORDER BY said.id),
    array_agg(DISTINCT said.name)
FROM unnest(%(relations)s::bigint[]) AS wanted (id), LATERAL (
    SELECT d.public_id || '-chunk-' || lpad(
            c."order"::text, greatest(3, length(c."order"::text)), '0') AS chunk,
        d.name, c.id
    FROM (SELECT DISTINCT chunk_id FROM graph_relationmention m
          WHERE m.relation_id = wanted.id ORDER BY chunk_id LIMIT %(most)s) m
    JOIN documents_chunk c ON c.id = m.chunk_id
    JOIN documents_document d ON d.id = c.document_id) said
GROUP BY wanted.id
"""

Sources = tuple[tuple[str, ...], tuple[str, ...]]


def add(found: Context) -> Context:
    """The context, its entities and relations with chunk ids and files. One statement."""
    if not found.entities and not found.relations:
        return found
    known = _read(found)
    return replace(
        found,
        entities=tuple(
            replace(item, chunk_ids=chunks, file_paths=files)
            for item in found.entities
            for chunks, files in [known.get(("entity", item.id), ((), ()))]
        ),
        relations=tuple(
            replace(item, chunk_ids=chunks, file_paths=files)
            for item in found.relations
            for chunks, files in [known.get(("relation", item.id), ((), ()))]
        ),
    )


def _read(found: Context) -> dict[tuple[str, int], Sources]:
    values = {
        "entities": [item.id for item in found.entities],
        "relations": [item.id for item in found.relations],
        "most": MAX_CHUNKS,
    }
    return {
        (kind, id): (tuple(chunks), tuple(files))
        for kind, id, chunks, files in rows.read(READ, values)
    }
