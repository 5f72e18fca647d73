"""Documents per second over the REST API, hundred by hundred."""

from __future__ import annotations

import time

import httpx
from rich.console import Console
from rich.table import Table

from tests import live_server
from tests.benchmarks import corpus

UPSTREAM_SECONDS = (38.7, 54.1, 85.5, 104.6)
"""LightRAG 1.5.7, default stores, the same kind of machine, quiet (FACTS 9)."""


def add(client: httpx.Client, first: int, count: int) -> float:
    """Seconds from the first request to the last document's being processed."""
    numbers = range(first, first + count)
    started = time.perf_counter()
    answer = client.post(
        "/documents/texts",
        json={
            "texts": [corpus.document(number) for number in numbers],
            "file_sources": [f"{number}.txt" for number in numbers],
        },
    )
    answer.raise_for_status()
    live_server.settle(client, first + count)
    return time.perf_counter() - started


def run(client: httpx.Client, console: Console) -> None:
    """Five hundreds, each timed; the last against the first shows whether it is flat."""
    table = Table("documents", "seconds", "per second", "upstream", "times faster")
    seconds = []
    for hundred in range(5):
        took = add(client, hundred * 100, 100)
        seconds.append(took)
        theirs = UPSTREAM_SECONDS[hundred] if hundred < len(UPSTREAM_SECONDS) else None
        table.add_row(
            f"{hundred * 100 + 1}-{hundred * 100 + 100}",
            f"{took:.2f}",
            f"{100 / took:.1f}",
            f"{theirs:.1f}" if theirs else "",
            f"{theirs / took:.0f}" if theirs else "",
        )
    console.print(table)
    console.print(f"last hundred over first: {seconds[-1] / seconds[0]:.2f}")
