"""The transaction of one search: planner settings, the search lock, reading rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from django.db import connection, transaction
from psycopg import sql

from retrieval.index import tables
from retrieval.search import filters
from retrieval.search.question import Question

MIN_EF_SEARCH = 200
"""With 100, 90 % of the ten nearest of a million entities were found; with 200, 95 %."""
MAX_EF_SEARCH = 1000
"""The largest hnsw.ef_search that pgvector allows."""

# A question reads few rows of large tables. Nested loops over their indexes are faster
# than hash or merge joins, above all if a table was just filled and has no statistics
# (measured with 10,000 entities: 3.5 ms instead of 12.8 ms for the neighbours). JIT and
# parallel workers cost more than they save. Iterative scans continue past deleted and
# filtered rows.
CONFIGURE = """
SELECT set_config('hnsw.ef_search', %(ef_search)s, true),
    set_config('hnsw.iterative_scan', 'relaxed_order', true),
    set_config('random_page_cost', '1.1', true), set_config('jit', 'off', true),
    set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
    set_config('max_parallel_workers_per_gather', '0', true), model, index_id
FROM lightrag_share_search_lock(%(workspace)s)
"""

# An index scan reads `limit * all / allowed` rows on average until it has found `limit`
# allowed rows; without the index, `allowed` rows are read. These numbers are equal if
# `allowed` is sqrt(limit * all).
IS_BELOW_THRESHOLD = """
SELECT (SELECT count(*) FROM (
        SELECT FROM documents_document d JOIN documents_chunk c ON c.document_id = d.id
        WHERE d.workspace_id = %(workspace)s AND {documents} LIMIT threshold.rows) allowed
    ) < threshold.rows
FROM (SELECT CASE WHEN reltuples > 0 THEN ceil(sqrt(%(limit)s * reltuples))::bigint
          ELSE %(without_statistics)s END AS rows
      FROM pg_class WHERE oid = {chunks}::regclass) threshold
"""
THRESHOLD_WITHOUT_STATISTICS = 10_000
"""The threshold while a table has no statistics yet."""


class ModelChanged(Exception):
    """The workspace's embedding model differs from the one that embedded the question."""


@contextmanager
def begin(question: Question) -> Iterator[Question]:
    """Begin the transaction; yield the question with its index. One statement, or two.

    The workspace's vectors are those of the question's model until the transaction ends.
    Raises ModelChanged if they are not.
    """
    limits = question.limits
    ef_search = max(MIN_EF_SEARCH, limits.top_k, limits.chunk_top_k)
    values = {
        "ef_search": str(min(MAX_EF_SEARCH, ef_search)),
        "workspace": question.workspace_id,
    }
    with transaction.atomic():
        rows = fetch(CONFIGURE, values)
        if not rows or rows[0][-2] != question.model:
            raise ModelChanged
        located = replace(question, index_id=rows[0][-1])
        yield replace(located, exact=_allows_few_chunks(located))


def _allows_few_chunks(question: Question) -> bool:
    """Return True if comparing all allowed chunks costs less than an index scan."""
    if not question.filters or tables.is_shared(question.index_id):
        return bool(question.filters)
    statement = sql.SQL(IS_BELOW_THRESHOLD).format(
        documents=filters.documents(question.filters),
        chunks=sql.Literal(tables.table("chunk", question.index_id)),
    )
    values = {
        "workspace": question.workspace_id,
        "limit": question.limits.chunk_top_k,
        "without_statistics": THRESHOLD_WITHOUT_STATISTICS,
        **question.filters.values,
    }
    return bool(fetch(statement, values)[0][0])


def fetch(statement: str | sql.Composed, values: Mapping[str, Any]) -> list[Any]:
    """Return all rows of one statement as tuples."""
    with connection.cursor() as cursor:
        cursor.execute(
            statement, {key: _array_literal(value) for key, value in values.items()}
        )
        rows: list[Any] = cursor.fetchall()
        return rows


def _array_literal(value: Any) -> Any:
    """Convert a list of ids to a PostgreSQL array literal; psycopg would quote each id."""
    if isinstance(value, list) and value and isinstance(value[0], int):
        return "{" + ",".join(map(str, value)) + "}"
    return value
