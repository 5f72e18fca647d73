"""Duration of `/query/data` in mode mix, with and without a model call for keywords."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx
import numpy as np
from rich.console import Console
from rich.table import Table

from tests.benchmarks import corpus, ingestion

QUERIES = 100
LIGHTRAG = "224-304 ms at 900-3,600 entities, 858 ms at 19,000"


def times(
    client: httpx.Client, body: Callable[[int], dict[str, object]]
) -> list[float]:
    durations = []
    for number in range(QUERIES):
        started = time.perf_counter()
        client.post("/query/data", json=body(number)).raise_for_status()
        durations.append((time.perf_counter() - started) * 1000)
    return durations


def with_model(number: int) -> dict[str, object]:
    """Return a query whose keywords a stand-in model extracts in 20 ms."""
    return {"query": corpus.question(number), "mode": "mix"}


def with_keywords(number: int) -> dict[str, object]:
    """Return a query with its keywords, so that no model is called."""
    question = corpus.question(number)
    return {
        "query": question,
        "mode": "mix",
        "hl_keywords": [question],
        "ll_keywords": [question],
    }


def measure(client: httpx.Client, table: Table) -> None:
    answer = client.post("/graph/cypher", json={"query": "MATCH (n) RETURN count(n)"})
    entities = answer.json()["rows"][0][0] if answer.is_success else "?"
    bodies = ((with_keywords, "given"), (with_model, "by a 20 ms model"))
    for body, kind in bodies:
        durations = times(client, body)
        p50, p95 = np.percentile(durations, [50, 95])
        table.add_row(str(entities), kind, f"{p50:.1f}", f"{p95:.1f}")


def run(client: httpx.Client, console: Console) -> None:
    """Measure with about 1,000 entities, then with about 10,000."""
    table = Table("entities", "keywords", "p50 ms", "p95 ms")
    ingestion.add(client, 0, 120)
    measure(client, table)
    ingestion.add(client, 120, 1080)
    measure(client, table)
    console.print(table)
    console.print(f"LightRAG: {LIGHTRAG}")
