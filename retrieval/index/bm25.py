"""BM25 as SQL: the rows of a search index that contain words of a text, with their scores.

In the shared tables, all rows of the index are scored. An index with tables of its own has
statistics of words, and only candidates are scored, which a GIN index finds
(docs/adr/0004-bm25-in-sql.md, graph/migrations/sql/0024_own_bm25.sql).
"""

from __future__ import annotations

from collections.abc import Mapping

from psycopg import sql

from retrieval.index import tables
from retrieval.index.tables import Kind

CANDIDATES = 1000
"""Rows that are expected to be scored; all rows with a word if the index has no more."""

FILTERED_CANDIDATES = 5 * CANDIDATES
"""The same if filters apply: most candidates are dropped before they are scored."""

LIMIT = 1.5
"""Upper bound on the rows that each query of candidates finds, as a multiple."""

RANK: Mapping[Kind, str] = {
    "chunk": "lightrag_rank_chunks",
    "entity": "lightrag_rank_entities",
}

SHARED = "SELECT {id}, score FROM {rank}({index}, {words}) s WHERE {allowed}"

# The lateral join reads each candidate by its primary key.
OWN = """
WITH word AS MATERIALIZED (
    SELECT word, containing, word::tsquery AS query
    FROM lightrag_words({kind}, {index}, {words})
), size AS MATERIALIZED (
    SELECT rows, length FROM search_statistics WHERE index_id = {index} AND kind = {kind}
), candidates AS MATERIALIZED ({queries})
SELECT {id}, (
    SELECT sum(lightrag_bm25(lightrag_frequency(c.terms, query), c.length / size.length,
        containing, size.rows))
    FROM word WHERE c.terms @@ query
) AS score
FROM size, (
    (SELECT {id} FROM {rows} s
    WHERE terms @@ (SELECT queries[1] FROM candidates) AND {allowed} LIMIT {limit})
    UNION
    (SELECT {id} FROM {rows} s
    WHERE terms @@ (SELECT queries[2] FROM candidates) AND {allowed} LIMIT {limit})
) candidate, LATERAL (
    SELECT length, setweight(terms, 'A') AS terms FROM {table} t
    WHERE t.index_id = {index} AND t.{id} = candidate.{id} OFFSET 0
) c
"""

# The words are ordered by the number of rows that contain them.
QUERIES = """
SELECT lightrag_candidates(array_agg(word), array_agg(containing),
    (SELECT rows FROM size), {wanted}) AS queries FROM word
"""
ANY_WORD = "SELECT ARRAY[string_agg(word, ' | ')::tsquery, NULL] AS queries FROM word"


def ranking(
    kind: Kind,
    index_id: int,
    words: sql.Composable,
    *,
    allowed: sql.Composable = sql.SQL("TRUE"),  # noqa: B008 - immutable
    rows: sql.Composable | None = None,
    wanted: int = CANDIDATES,
) -> sql.Composed:
    """Return a query of (`<kind>_id`, `score`).

    Args:
        kind: `chunk` or `entity`.
        index_id: The search index.
        words: The text, as `retrieval.index.lexical.segment` returns it.
        allowed: A condition on the rows, whose alias is `s`.
        rows: A FROM item of the rows to score instead of candidates; ignored for an index
            in the shared tables.
        wanted: The number of candidates.
    """
    if tables.is_shared(index_id):
        return sql.SQL(SHARED).format(
            id=sql.Identifier(f"{kind}_id"),
            rank=sql.Identifier(RANK[kind]),
            index=sql.Literal(index_id),
            words=words,
            allowed=allowed,
        )
    return sql.SQL(OWN).format(
        id=sql.Identifier(f"{kind}_id"),
        kind=sql.Literal(kind),
        index=sql.Literal(index_id),
        words=words,
        allowed=allowed,
        rows=rows or tables.rows(kind, index_id),
        table=tables.rows(kind, index_id),
        queries=sql.SQL(ANY_WORD)
        if rows
        else sql.SQL(QUERIES).format(wanted=sql.Literal(wanted)),
        limit=sql.SQL("ALL") if rows else sql.Literal(int(wanted * LIMIT)),
    )
