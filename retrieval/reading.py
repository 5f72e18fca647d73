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
# touches few rows of large tables: indexes are cheap for it, compiling is not.
TUNE = """
SELECT set_config('hnsw.ef_search', %(breadth)s, true),
    set_config('hnsw.iterative_scan', 'relaxed_order', true),
    set_config('random_page_cost', '1.1', true), set_config('jit', 'off', true)
"""


@contextmanager
def tuned(limits: Limits) -> Iterator[None]:
    """A transaction in which the search's statements find their plans."""
    breadth = max(MIN_BREADTH, limits.top_k, limits.chunk_top_k)
    with transaction.atomic():
        rows.read(TUNE, {"breadth": str(min(MAX_BREADTH, breadth))})
        yield
