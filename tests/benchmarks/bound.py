"""Ingestion against what nobody can beat: the model's own time.

A model takes 0.5 s and 16 calls at once are allowed, for all workers together. The texts
are the MuSiQue passages named by REPLAY_LLM_MUSIQUE. Where LIGHTRAG_UPSTREAM_PYTHON names
a Python that has `lightrag-hku[api]`, its server reads the same texts with the same
models, as many documents and calls at once.
"""

from __future__ import annotations

import os
import time

import httpx
from rich.console import Console
from rich.table import Table

from tests import live_server
from tests.benchmarks import crash, upstream
from tests.benchmarks.replaying_provider import ReplayingProvider

SECONDS = 0.5
AT_ONCE = 16
PASSAGES = 960
WORKERS = (1, 4)


def run(console: Console, passages: int = PASSAGES) -> None:
    """From the request that hands the texts in to the last document's end."""
    table = Table("server", "calls", "seconds", "bound", "seconds / bound")
    texts = crash.read_passages(passages)
    for workers in WORKERS:
        provider = ReplayingProvider(os.environ["REPLAY_LLM_MUSIQUE"], SECONDS)
        with live_server.running(ours(provider, workers)) as client:
            live_server.wait_for_worker(client)
            seconds = ingest(client, texts)
        add(console, table, f"ours, {workers} workers", provider, seconds)
    if python := upstream.python():
        provider = ReplayingProvider(os.environ["REPLAY_LLM_MUSIQUE"], SECONDS)
        with upstream.running(python, theirs(provider)) as client:
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
    """A row, and a line at once: the next server may take long.

    Calls are extractions, and summaries of what many spoke of.
    """
    provider.shutdown()
    calls = provider.requests
    bound = calls * SECONDS / AT_ONCE
    table.add_row(
        *(server, str(calls), f"{seconds:.1f}", f"{bound:.1f}"),
        f"{seconds / bound:.2f}",
    )
    console.print(f"{server}: {calls} calls in {seconds:.1f} s", style="dim")


def ours(provider: ReplayingProvider, workers: int) -> dict[str, str]:
    return {
        **provider.settings,
        **embedding(provider),
        "MAX_ASYNC_LLM": str(AT_ONCE),
        "WORKERS": str(workers),
        "LOG_LEVEL": "WARNING",
    }


def embedding(provider: ReplayingProvider) -> dict[str, str]:
    """The stand-in's own; where upstream is measured too, asked for as it must be."""
    if not upstream.python():
        return {"EMBEDDING_BINDING": "fake"}
    models = upstream.models(provider.url)
    return {name: models[name] for name in models if name.startswith("EMBEDDING")}


def theirs(provider: ReplayingProvider) -> dict[str, str]:
    """As it is at its best here: one call a passage, as many documents as calls at once."""
    return {
        **upstream.models(provider.url),
        "ENTITY_EXTRACTION_USE_JSON": "true",
        "MAX_GLEANING": "0",
        "MAX_ASYNC_LLM": str(AT_ONCE),
        "MAX_PARALLEL_INSERT": str(AT_ONCE),
        "EMBEDDING_FUNC_MAX_ASYNC": str(AT_ONCE),
    }


def ingest(client: httpx.Client, texts: list[str]) -> float:
    """Seconds. In hundreds: upstream takes no more texts in one request."""
    started = time.monotonic()
    for first in range(0, len(texts), 100):
        some = texts[first : first + 100]
        names = [f"{first + place}.txt" for place in range(len(some))]
        body = {"texts": some, "file_sources": names}
        client.post("/documents/texts", json=body).raise_for_status()
    live_server.settle(client, len(texts))
    return time.monotonic() - started
