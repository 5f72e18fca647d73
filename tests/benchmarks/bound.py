"""Ingestion against what nobody can beat: the model's own time.

A model takes 0.5 s and 16 calls at once are allowed, for all workers together. The texts
are the MuSiQue passages named by REPLAY_LLM_MUSIQUE.
"""

from __future__ import annotations

import os
import time

from rich.console import Console
from rich.table import Table

from tests import live_server
from tests.benchmarks import crash
from tests.benchmarks.replaying_provider import ReplayingProvider

SECONDS = 0.5
AT_ONCE = 16
PASSAGES = 960
WORKERS = (1, 4)


def run(console: Console) -> None:
    """From the request that hands the texts in to the last document's end."""
    table = Table("workers", "calls", "seconds", "bound", "seconds / bound")
    texts = crash.read_passages(PASSAGES)
    for workers in WORKERS:
        provider = ReplayingProvider(os.environ["REPLAY_LLM_MUSIQUE"], SECONDS)
        seconds = ingest(provider, texts, workers)
        calls = provider.requests  # extractions, and summaries of what many spoke of
        bound = calls * SECONDS / AT_ONCE
        table.add_row(
            *(str(workers), str(calls), f"{seconds:.1f}", f"{bound:.1f}"),
            f"{seconds / bound:.2f}",
        )
        provider.shutdown()
    console.print(table)


def ingest(provider: ReplayingProvider, texts: list[str], workers: int) -> float:
    variables = {
        **provider.settings,
        "MAX_ASYNC_LLM": str(AT_ONCE),
        "EMBEDDING_BINDING": "fake",
        "WORKERS": str(workers),
        "LOG_LEVEL": "WARNING",
    }
    with live_server.running(variables) as client:
        started = time.monotonic()
        names = [f"{number}.txt" for number in range(len(texts))]
        client.post(
            "/documents/texts", json={"texts": texts, "file_sources": names}
        ).raise_for_status()
        live_server.settle(client, len(texts))
        return time.monotonic() - started
