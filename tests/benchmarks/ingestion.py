"""Documents per second through the REST API, per hundred documents."""

from __future__ import annotations

import time

import httpx
from rich.console import Console
from rich.table import Table

from tests import live_server
from tests.benchmarks import corpus

LIGHTRAG_SECONDS = (38.7, 54.1, 85.5, 104.6)
"""Seconds per hundred of LightRAG 1.5.7 with its default stores, on an idle machine."""


def add(client: httpx.Client, first: int, count: int) -> float:
    """Return the seconds from the upload until the last document is processed."""
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
    """Time five hundreds; the last divided by the first shows the growth."""
    table = Table("documents", "seconds", "per second", "LightRAG", "times faster")
    seconds: list[float] = []
    for hundred in range(5):
        elapsed = add(client, hundred * 100, 100)
        seconds.append(elapsed)
        theirs = LIGHTRAG_SECONDS[hundred] if hundred < len(LIGHTRAG_SECONDS) else None
        table.add_row(
            f"{hundred * 100 + 1}-{hundred * 100 + 100}",
            f"{elapsed:.2f}",
            f"{100 / elapsed:.1f}",
            f"{theirs:.1f}" if theirs else "",
            f"{theirs / elapsed:.0f}" if theirs else "",
        )
    console.print(table)
    console.print(f"last hundred over first: {seconds[-1] / seconds[0]:.2f}")
