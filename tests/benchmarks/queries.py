"""Milliseconds of `/query/data` in mix, with and without a model call for keywords."""

from __future__ import annotations

import time
from collections.abc import Callable

import httpx
import numpy as np
from rich.console import Console
from rich.table import Table

from tests.benchmarks import corpus, ingestion

QUERIES = 100
UPSTREAM = "224-304 ms at 900-3,600 entities, 858 ms at 19,000"


def times(
    client: httpx.Client, body: Callable[[int], dict[str, object]]
) -> list[float]:
    found = []
    for number in range(QUERIES):
        started = time.perf_counter()
        client.post("/query/data", json=body(number)).raise_for_status()
        found.append((time.perf_counter() - started) * 1000)
    return found


def with_model(number: int) -> dict[str, object]:
    """The stand-in is asked for keywords: 20 ms of each query are its."""
    return {"query": corpus.question(number), "mode": "mix"}


def with_keywords(number: int) -> dict[str, object]:
    """The keywords are given, so no model is asked."""
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
    with_keywords_first = ((with_keywords, "given"), (with_model, "by a 20 ms model"))
    for body, kind in with_keywords_first:
        found = times(client, body)
        p50, p95 = np.percentile(found, [50, 95])
        table.add_row(str(entities), kind, f"{p50:.1f}", f"{p95:.1f}")


def run(client: httpx.Client, console: Console) -> None:
    """At about 1,000 entities, then at about 10,000."""
    table = Table("entities", "keywords", "p50 ms", "p95 ms")
    ingestion.add(client, 0, 120)
    measure(client, table)
    ingestion.add(client, 120, 1080)
    measure(client, table)
    console.print(table)
    console.print(f"upstream: {UPSTREAM}")
