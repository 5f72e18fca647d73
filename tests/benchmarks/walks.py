"""Three implementations of the walk: `python -m tests.benchmarks.walks FOLDER`.

In the large workspace of `tests.benchmarks.scale`: the walk around the seeds
(`retrieval.search.graph_walk.walk`), a sparse matrix of the whole workspace kept in the
process, and the same iterations as one SQL statement. Each starts at the same 30 nodes.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from tests.benchmarks import scratch

WALKS, STARTS, DAMPING, ROUNDS = 10, 30, 0.45, 6
EDGES = """
SELECT string_agg(int8send(entity_id), ''), string_agg(int8send(chunk_id), '')
FROM (SELECT DISTINCT entity_id, chunk_id FROM graph_entitymention) m
"""
# One CTE per iteration: a recursive statement can't aggregate the shares of a node.
ROUND = """, r{n} AS MATERIALIZED (
    SELECT node, sum(share) AS share FROM (
        SELECT node, share * {stay} AS share FROM r0
        UNION ALL
        SELECT x.target, r.share * {go} / x.degree FROM r{before} r
        CROSS JOIN LATERAL (
            SELECT target, count(*) OVER () AS degree FROM (
                (SELECT -chunk_id AS target FROM graph_entitymention
                 WHERE entity_id = r.node LIMIT 200)
                UNION ALL
                (SELECT entity_id FROM graph_entitymention WHERE chunk_id = -r.node)
            ) edges
        ) x
    ) moved GROUP BY node
)"""


def main() -> None:
    server = scratch.use(Path(sys.argv[1]) / "postgres", "scale_100000")
    try:
        _measure()
    finally:
        server.cleanup()


def _measure() -> None:
    import numpy as np
    from rich.console import Console
    from rich.table import Table

    from documents.models import Workspace

    workspace = Workspace.objects.get(name="large")
    chunks = np.array(workspace.chunks.order_by("pk").values_list("pk", flat=True))
    generator = np.random.default_rng(1)
    starts = [-generator.choice(chunks, STARTS, replace=False) for _ in range(WALKS)]
    table = Table("implementation", "load s", "MB", "p50 ms", "p95 ms", "stale")
    matrix, ready, size = _matrix()
    rows = (
        ("local, around the seeds", 0.0, 0.0, _local(workspace), "never"),
        ("matrix in the process", ready, size, matrix, "until loaded again"),
        ("one SQL statement", 0.0, 0.0, _in_sql, "never"),
    )
    for name, seconds, megabytes, walk, stale in rows:
        p50, p95 = np.percentile([_ms(walk, start) for start in starts], (50, 95))
        table.add_row(
            name,
            f"{seconds:.1f}",
            f"{megabytes:.0f}",
            f"{p50:.1f}",
            f"{p95:.1f}",
            stale,
        )
    Console(width=100).print(table)


def _ms(walk: Callable[[Any], Any], begin: Any) -> float:
    started = time.perf_counter()
    walk(begin)
    return (time.perf_counter() - started) * 1000


def _local(workspace: Any) -> Callable[[Any], Any]:
    from retrieval.search.graph_walk import pagerank, walk
    from retrieval.search.graph_walk.adjacency import Surroundings

    def run(begin: Any) -> Any:
        graph = Surroundings(workspace.pk, workspace.search_index)
        restart = dict.fromkeys(begin.tolist(), 1.0)
        graph.expand(restart)
        mass = pagerank.mass(graph.edges, restart, DAMPING)
        unread = [node for node in mass if node not in graph.read]
        graph.expand(sorted(unread, key=mass.__getitem__)[-walk.MAX_EXPANDED :])
        return pagerank.mass(graph.edges, restart, DAMPING)

    return run


def _matrix() -> tuple[Callable[[Any], Any], float, float]:
    """Return the walk, the seconds to load the matrix, and its megabytes."""
    import numpy as np
    from django.db import connection
    from scipy import sparse

    started = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute(EDGES)
        entities, chunks = (
            np.frombuffer(column, ">i8") for column in cursor.fetchone()
        )
    nodes = np.unique(np.concatenate([entities, -chunks]).astype(np.int64))
    sources = np.searchsorted(nodes, entities)
    targets = np.searchsorted(nodes, -chunks)
    there, back = np.concatenate([sources, targets]), np.concatenate([targets, sources])
    degree = np.bincount(there, minlength=len(nodes))
    values = (1 / degree[there]).astype(np.float32)
    shape = (len(nodes), len(nodes))
    matrix = sparse.csr_matrix((values, (back, there)), shape=shape)
    ready = time.perf_counter() - started
    size = matrix.data.nbytes + matrix.indices.nbytes + matrix.indptr.nbytes

    def run(begin: Any) -> Any:
        start = np.zeros(len(nodes), np.float32)
        start[np.searchsorted(nodes, begin)] = (1 - DAMPING) / len(begin)
        at = start / (1 - DAMPING)
        for _ in range(ROUNDS):
            at = start + DAMPING * (matrix @ at)
        return at

    return run, ready, (size + nodes.nbytes) / 1e6


def _in_sql(begin: Any) -> Any:
    from django.db import connection

    head = (
        "WITH r0 AS MATERIALIZED (SELECT unnest(%s::bigint[]) AS node,"
        f" {1 / len(begin)}::float8 AS share)"
    )
    rounds = "".join(
        ROUND.format(n=n, before=n - 1, stay=1 - DAMPING, go=DAMPING)
        for n in range(1, ROUNDS + 1)
    )
    last = f" SELECT node, share FROM r{ROUNDS} ORDER BY share DESC LIMIT 200"
    with connection.cursor() as cursor:
        cursor.execute(head + rounds + last, [begin.tolist()])
        return cursor.fetchall()


main()
