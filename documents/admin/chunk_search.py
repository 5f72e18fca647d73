"""Full-text search of chunks, with the lexical index that queries use."""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection
from psycopg import sql

from retrieval.index import bm25, lexical, tables

MAX_RESULTS = 200
"""Upper bound on the results of each workspace."""

BEST = """
(SELECT chunk_id FROM ({ranking}) s ORDER BY score DESC, chunk_id LIMIT {limit})
"""


def find(workspace_ids: Sequence[int], text: str) -> list[int]:
    """Return the ids of the chunks that match best; two statements."""
    words = lexical.segment(text)
    if not words or not workspace_ids:
        return []
    with connection.cursor() as cursor:
        indexes = [tables.index_of(workspace_id) for workspace_id in workspace_ids]
        parts = [_best(index, words) for index in indexes if index]
        cursor.execute(sql.SQL(" UNION ALL ").join(parts))
        return [row[0] for row in cursor.fetchall()]


def _best(index_id: int, words: str) -> sql.Composed:
    return sql.SQL(BEST).format(
        ranking=bm25.ranking("chunk", index_id, sql.Literal(words)),
        limit=sql.Literal(MAX_RESULTS),
    )
