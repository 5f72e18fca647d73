"""Which chunks and files spoke of an entity or relation: what /query/data lists."""

from __future__ import annotations

from dataclasses import replace

from psycopg import sql

from documents.models import chunk_public_id_sql
from retrieval.context.prompt_context import Context
from retrieval.search import sql_rows
from retrieval.search.filters import NO_FILTERS, Filters, chunk

MAX_CHUNKS = 50
"""Chunks listed for one entity or relation."""

# `OFFSET 0` keeps the planner from joining whole tables: before these have statistics it
# would hash them anew for each entity.
OF_ONE_KIND = """
SELECT {kind}, wanted.id, array_agg({chunk_id} ORDER BY m.chunk_id),
    array_agg(DISTINCT d.name)
FROM unnest({ids}::bigint[]) AS wanted (id),
    LATERAL (SELECT DISTINCT chunk_id FROM {mentions} s
             WHERE {column} = wanted.id AND {allowed}
             ORDER BY chunk_id LIMIT %(most)s) m,
    LATERAL (SELECT document_id, "order" FROM documents_chunk
             WHERE id = m.chunk_id OFFSET 0) c,
    LATERAL (SELECT public_id, name FROM documents_document
             WHERE id = c.document_id OFFSET 0) d
GROUP BY wanted.id
"""

KINDS = {"entity": "entities", "relation": "relations"}


def _of_kind(kind: str, filters: Filters) -> sql.Composed:
    return sql.SQL(OF_ONE_KIND).format(
        kind=sql.Literal(kind),
        ids=sql.Placeholder(KINDS[kind]),
        mentions=sql.Identifier(f"graph_{kind}mention"),
        column=sql.Identifier(f"{kind}_id"),
        allowed=chunk(filters, "s.chunk_id"),
        chunk_id=sql.SQL(chunk_public_id_sql("d.public_id", 'c."order"')),
    )


Sources = tuple[tuple[str, ...], tuple[str, ...]]


def add(found: Context, filters: Filters = NO_FILTERS) -> Context:
    """The context, its entities and relations with chunk ids and files. One statement."""
    if not found.entities and not found.relations:
        return found
    known = _read(found, filters)
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


def _read(found: Context, filters: Filters) -> dict[tuple[str, int], Sources]:
    values = {
        "entities": [item.id for item in found.entities],
        "relations": [item.id for item in found.relations],
        "most": MAX_CHUNKS,
        **filters.values,
    }
    statement = sql.SQL("UNION ALL").join(_of_kind(kind, filters) for kind in KINDS)
    return {
        (kind, id): (tuple(chunks), tuple(files))
        for kind, id, chunks, files in sql_rows.read(statement, values)
    }
