"""Ingestion time divided by its lower bound: the time of the model calls.

A call takes 0.5 s, and all workers together may have 16 calls in flight. The texts are
the MuSiQue passages in the file MUSIQUE_PASSAGES. If LIGHTRAG_SERVER_PYTHON names a
Python with `lightrag-hku[api]`, LightRAG's server ingests the same texts with the same
models and as many documents and calls at once.
"""

from __future__ import annotations

import time

import httpx
from rich.console import Console
from rich.table import Table

from tests import live_server
from tests.benchmarks import crash, lightrag_server
from tests.benchmarks.replaying_provider import ReplayingProvider

SECONDS = 0.5
MAX_ASYNC = 16
PASSAGES = 960
WORKERS = (1, 4)


def run(console: Console, passages: int = PASSAGES) -> None:
    """Measure from the upload of the texts to the end of the last document."""
    table = Table("server", "calls", "seconds", "bound", "seconds / bound")
    texts = crash.read_passages(passages)
    for workers in WORKERS:
        provider = ReplayingProvider(crash.index(), SECONDS)
        with live_server.running(ours(provider, workers)) as client:
            live_server.wait_for_worker(client)
            seconds = ingest(client, texts)
        add(console, table, f"ours, {workers} workers", provider, seconds)
    if python := lightrag_server.python():
        provider = ReplayingProvider(crash.index(), SECONDS)
        with lightrag_server.running(python, theirs(provider)) as client:
            seconds = ingest(client, texts)
        add(console, table, "LightRAG 1.5.7", provider, seconds)
    console.print(f"{passages} passages")
    console.print(table)


def add(
    console: Console,
    table: Table,
    server: str,
    provider: ReplayingProvider,
    seconds: float,
) -> None:
    """Add a row and print it at once; the calls are extractions and summaries."""
    provider.shutdown()
    calls = provider.requests
    bound = calls * SECONDS / MAX_ASYNC
    table.add_row(
        *(server, str(calls), f"{seconds:.1f}", f"{bound:.1f}"),
        f"{seconds / bound:.2f}",
    )
    console.print(f"{server}: {calls} calls in {seconds:.1f} s", style="dim")


def ours(provider: ReplayingProvider, workers: int) -> dict[str, str]:
    return {
        **provider.settings,
        **embedding(provider),
        "MAX_ASYNC_LLM": str(MAX_ASYNC),
        "WORKERS": str(workers),
        "LOG_LEVEL": "WARNING",
    }


def embedding(provider: ReplayingProvider) -> dict[str, str]:
    """Return the fake embedder, or the provider's if LightRAG is measured too."""
    if not lightrag_server.python():
        return {"EMBEDDING_BINDING": "fake"}
    models = lightrag_server.models(provider.url)
    return {name: models[name] for name in models if name.startswith("EMBEDDING")}


def theirs(provider: ReplayingProvider) -> dict[str, str]:
    """Return LightRAG's best settings: one call per passage, MAX_ASYNC documents."""
    return {
        **lightrag_server.models(provider.url),
        "ENTITY_EXTRACTION_USE_JSON": "true",
        "MAX_GLEANING": "0",
        "MAX_ASYNC_LLM": str(MAX_ASYNC),
        "MAX_PARALLEL_INSERT": str(MAX_ASYNC),
        "EMBEDDING_FUNC_MAX_ASYNC": str(MAX_ASYNC),
    }


def ingest(client: httpx.Client, texts: list[str]) -> float:
    """Return seconds. LightRAG takes at most 100 texts in one request."""
    started = time.monotonic()
    for first in range(0, len(texts), 100):
        batch = texts[first : first + 100]
        names = [f"{first + number}.txt" for number in range(len(batch))]
        body = {"texts": batch, "file_sources": names}
        client.post("/documents/texts", json=body).raise_for_status()
    live_server.settle(client, len(texts))
    return time.monotonic() - started
