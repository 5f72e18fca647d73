"""One question's reading transaction: short, and tuned for what it does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from django.db import transaction
from psycopg import sql

from retrieval.search import filters, sql_rows
from retrieval.search.question import Question

MIN_BREADTH = 100
MAX_BREADTH = 1000
"""What pgvector allows for hnsw.ef_search."""

# An HNSW scan looks at `breadth` candidates and goes on past deleted rows. A question
# touches few rows of large tables: they are joined row by row through their indexes, also
# while a table has just been filled and has no statistics yet (measured at 10,000
# entities: 3.5 ms in place of 12.8 for the neighbours), and neither compiling nor a
# second process ever pays.
TUNE = """
SELECT set_config('hnsw.ef_search', %(breadth)s, true),
    set_config('hnsw.iterative_scan', 'relaxed_order', true),
    set_config('random_page_cost', '1.1', true), set_config('jit', 'off', true),
    set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true),
    set_config('max_parallel_workers_per_gather', '0', true),
    lightrag_share_search_lock(%(workspace)s)
"""


# An index has enough after `limit * all / allowed` rows on an average; to compare all
# allowed rows costs as many as there are. So these are too many: sqrt(limit * all).
ALLOWED = """
SELECT (SELECT count(*) FROM (
        SELECT FROM documents_document d JOIN documents_chunk c ON c.document_id = d.id
        WHERE d.workspace_id = %(workspace)s AND {documents} LIMIT many.most) found
    ) < many.most
FROM (SELECT CASE WHEN reltuples > 0 THEN ceil(sqrt(%(limit)s * reltuples))::bigint
          ELSE %(unknown)s END AS most
      FROM pg_class WHERE oid = {chunks}::regclass) many
"""
UNKNOWN = 10_000
"""What counts as many while a table has no statistics yet."""


class ModelChanged(Exception):
    """The workspace has another embedding model than the question was embedded by."""


@contextmanager
def tuned(question: Question) -> Iterator[Question]:
    """A transaction in which the search's statements find their plans.

    The question comes back with how its filters are best followed. One statement, two
    with filters. To its end the workspace's vectors are those of the question's model;
    raises ModelChanged where they are not.
    """
    limits = question.limits
    breadth = max(MIN_BREADTH, limits.top_k, limits.chunk_top_k)
    values = {
        "breadth": str(min(MAX_BREADTH, breadth)),
        "workspace": question.workspace_id,
    }
    with transaction.atomic():
        *_, model = sql_rows.read(TUNE, values)[0]
        if model != question.model:
            raise ModelChanged
        yield replace(question, exact=_is_narrow(question))


def _is_narrow(question: Question) -> bool:
    """Whether comparing what is allowed costs less than an index's way to it."""
    if not question.filters:
        return False
    statement = sql.SQL(ALLOWED).format(
        documents=filters.documents(question.filters),
        chunks=sql.Literal(f"search_chunk_{question.workspace_id}"),
    )
    values = {
        "workspace": question.workspace_id,
        "limit": question.limits.chunk_top_k,
        "unknown": UNKNOWN,
        **question.filters.values,
    }
    return bool(sql_rows.read(statement, values)[0][0])
