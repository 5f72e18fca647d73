"""Sources of entities and relations: the chunks and files that mention them.

`/query/data` and the chat page list them.
"""

from __future__ import annotations

from dataclasses import replace

from psycopg import sql

from documents.models import chunk_public_id_sql
from retrieval.context.prompt_context import Context
from retrieval.search import search_transaction
from retrieval.search.filters import NO_FILTERS, Filters, chunk

MAX_CHUNKS = 50
"""Upper bound on the chunks listed for one entity or relation."""

# `OFFSET 0` keeps the planner from joining whole tables: while these have no statistics,
# it would build a hash table for each entity.
SOURCES = """
SELECT {kind}, item.id, array_agg({chunk_id} ORDER BY m.chunk_id),
    array_agg(DISTINCT d.name)
FROM unnest({ids}::bigint[]) AS item (id),
    LATERAL (SELECT DISTINCT chunk_id FROM {mentions} s
             WHERE {column} = item.id AND {allowed}
             ORDER BY chunk_id LIMIT %(max_chunks)s) m,
    LATERAL (SELECT document_id, "order" FROM documents_chunk
             WHERE id = m.chunk_id OFFSET 0) c,
    LATERAL (SELECT public_id, name FROM documents_document
             WHERE id = c.document_id OFFSET 0) d
GROUP BY item.id
"""

PLACEHOLDERS = {"entity": "entities", "relation": "relations"}
Sources = tuple[tuple[str, ...], tuple[str, ...]]
"""Chunk ids and file paths."""


def add(context: Context, filters: Filters = NO_FILTERS) -> Context:
    """Return the context with the sources of entities and relations. One statement."""
    if not context.entities and not context.relations:
        return context
    sources = _read(context, filters)
    return replace(
        context,
        entities=tuple(
            replace(item, chunk_ids=chunks, file_paths=files)
            for item in context.entities
            for chunks, files in [sources.get(("entity", item.id), ((), ()))]
        ),
        relations=tuple(
            replace(item, chunk_ids=chunks, file_paths=files)
            for item in context.relations
            for chunks, files in [sources.get(("relation", item.id), ((), ()))]
        ),
    )


def _read(context: Context, filters: Filters) -> dict[tuple[str, int], Sources]:
    values = {
        "entities": [item.id for item in context.entities],
        "relations": [item.id for item in context.relations],
        "max_chunks": MAX_CHUNKS,
        **filters.values,
    }
    parts = [_statement(kind, filters) for kind in PLACEHOLDERS]
    rows = search_transaction.fetch(sql.SQL("UNION ALL").join(parts), values)
    return {
        (kind, id): (tuple(chunks), tuple(files)) for kind, id, chunks, files in rows
    }


def _statement(kind: str, filters: Filters) -> sql.Composed:
    return sql.SQL(SOURCES).format(
        kind=sql.Literal(kind),
        ids=sql.Placeholder(PLACEHOLDERS[kind]),
        mentions=sql.Identifier(f"graph_{kind}mention"),
        column=sql.Identifier(f"{kind}_id"),
        allowed=chunk(filters, "s.chunk_id"),
        chunk_id=sql.SQL(chunk_public_id_sql("d.public_id", 'c."order"')),
    )
