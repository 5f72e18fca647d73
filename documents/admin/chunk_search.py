"""Full-text search of chunks, with the lexical index that queries use."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from psycopg import sql

from retrieval.index import lexical, tables

MAX_RESULTS = 200
"""Upper bound on the results of each workspace."""

BM25 = """
(SELECT chunk_id FROM {table}
WHERE string_to_array(lexical, ' ') && string_to_array({words}, ' ')
ORDER BY lexical <@> to_bm25query({words}, {index})
LIMIT {limit})
"""

SHARED = """
(SELECT chunk_id FROM lightrag_rank_chunks({index_id}, {words})
ORDER BY score DESC, chunk_id LIMIT {limit})
"""

# Used if pg_textsearch is not installed.
TSVECTOR = """
(SELECT chunk_id FROM {table}
WHERE to_tsvector('simple', lexical) @@ plainto_tsquery('simple', {words})
LIMIT {limit})
"""


def find(workspace_ids: Sequence[int], text: str) -> list[int]:
    """Return the ids of the chunks that match best; two statements."""
    words = lexical.segment(text)
    if not words or not workspace_ids:
        return []
    with connection.cursor() as cursor:
        cursor.execute("SELECT lightrag_has('pg_textsearch')")
        own_tables = BM25 if cursor.fetchone()[0] else TSVECTOR
        indexes = [tables.index_of(workspace_id) for workspace_id in workspace_ids]
        parts = [
            _part(SHARED if tables.is_shared(index) else own_tables, index, words)
            for index in indexes
            if index
        ]
        cursor.execute(sql.SQL(" UNION ALL ").join(parts))
        return [row[0] for row in cursor.fetchall()]


def _part(statement: str, index_id: int, words: str) -> sql.Composed:
    table = tables.table("chunk", index_id)
    return sql.SQL(statement).format(
        index_id=sql.Literal(index_id),
        table=sql.Identifier(table),
        words=sql.Literal(words),
        index=sql.Literal(f"{table}_bm25"),
        limit=sql.Literal(MAX_RESULTS),
    )
