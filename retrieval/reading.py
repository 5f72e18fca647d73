"""One question's reading transaction: short, and tuned for what it does."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import transaction

from retrieval import rows
from retrieval.params import Limits

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
    set_config('max_parallel_workers_per_gather', '0', true)
"""


@contextmanager
def tuned(limits: Limits) -> Iterator[None]:
    """A transaction in which the search's statements find their plans."""
    breadth = max(MIN_BREADTH, limits.top_k, limits.chunk_top_k)
    with transaction.atomic():
        rows.read(TUNE, {"breadth": str(min(MAX_BREADTH, breadth))})
        yield
