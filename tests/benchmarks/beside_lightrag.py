"""Ingestion, questions and deletion of this server and of LightRAG, with the same models.

LIGHTRAG_SERVER_PYTHON names a Python with `lightrag-hku[api]`. LightRAG runs twice: with
its default stores, which are files, and with its PostgreSQL stores. All servers use the
same stand-in models over HTTP. The texts are the MuSiQue passages in MUSIQUE_PASSAGES.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import httpx
from rich.console import Console
from rich.table import Table

from tests import live_server, scratch_postgres
from tests.benchmarks import bound, crash, lightrag_server
from tests.benchmarks.replaying_provider import ReplayingProvider

PASSAGES, QUESTIONS, DELETIONS = 320, 30, 5
CALL_SECONDS = 0.5
TIMEOUT = 600
POSTGRES_STORES = {
    "LIGHTRAG_KV_STORAGE": "PGKVStorage",
    "LIGHTRAG_VECTOR_STORAGE": "PGVectorStorage",
    "LIGHTRAG_GRAPH_STORAGE": "PGGraphStorage",
    "LIGHTRAG_DOC_STATUS_STORAGE": "PGDocStatusStorage",
    "POSTGRES_USER": "postgres",
    "POSTGRES_DATABASE": "postgres",
    "POSTGRES_PASSWORD": "none",
    "POSTGRES_MAX_CONNECTIONS": "20",
}


def run(console: Console, passages: int = PASSAGES) -> None:
    """Measure each server in turn; print each row at once."""
    python = lightrag_server.python()
    if python is None:
        raise SystemExit("Set LIGHTRAG_SERVER_PYTHON to a Python with lightrag-hku.")
    table = Table(
        "server", "ingest s", "question p50 ms", "p95 ms", "delete s (median)"
    )
    texts = crash.read_passages(passages)
    with scratch_postgres.running() as socket_folder:
        stores = {**POSTGRES_STORES, "POSTGRES_HOST": str(socket_folder)}
        for name, variables in (
            ("this server", None),
            ("LightRAG 1.5.7, default stores", {}),
            ("LightRAG 1.5.7, PostgreSQL stores", stores),
        ):
            provider = ReplayingProvider(crash.index(), CALL_SECONDS)
            with _server(python, provider, variables) as client:
                row = _measure(client, texts)
            provider.shutdown()
            table.add_row(name, *row)
            console.print(name, *row, style="dim")
    console.print(table)


def _server(
    python: str, provider: ReplayingProvider, variables: Mapping[str, str] | None
) -> AbstractContextManager[httpx.Client]:
    if variables is None:
        return _ours(provider)
    return lightrag_server.running(python, {**bound.theirs(provider), **variables})


@contextmanager
def _ours(provider: ReplayingProvider) -> Iterator[httpx.Client]:
    with live_server.running(bound.ours(provider, workers=1)) as client:
        live_server.wait_for_worker(client)
        yield client


def _measure(client: httpx.Client, texts: list[str]) -> list[str]:
    client.timeout = httpx.Timeout(TIMEOUT)
    ingested = bound.ingest(client, texts)
    questions = [_question(client, text) for text in texts[:QUESTIONS]]
    deletions = [_delete_one(client) for _ in range(DELETIONS)]
    p50, p95 = statistics.quantiles(questions, n=20)[9::9]
    return [
        f"{ingested:.1f}",
        f"{p50:.0f}",
        f"{p95:.0f}",
        f"{statistics.median(deletions):.2f}",
    ]


def _question(client: httpx.Client, text: str) -> float:
    """Return the milliseconds of a new question with keywords: no model is called."""
    body = {
        "query": f"What is known about {text[:60]}?",
        "mode": "mix",
        "hl_keywords": [text[:60]],
        "ll_keywords": [text[:60]],
    }
    started = time.perf_counter()
    client.post("/query/data", json=body).raise_for_status()
    return (time.perf_counter() - started) * 1000


def _delete_one(client: httpx.Client) -> float:
    """Return the seconds until the oldest document is gone and the server is idle."""
    documents = _page(client)
    oldest, total = documents["documents"][0]["id"], _total(documents)
    started = time.perf_counter()
    client.request(
        "DELETE", "/documents/delete_document", json={"doc_ids": [oldest]}
    ).raise_for_status()
    while _total(_page(client)) >= total or _is_busy(client):
        if time.perf_counter() - started > TIMEOUT:
            raise RuntimeError(f"{oldest} was not deleted in {TIMEOUT} s.")
        time.sleep(0.02)
    return time.perf_counter() - started


def _page(client: httpx.Client) -> dict[str, Any]:
    body = {"page": 1, "page_size": 10, "sort_field": "created_at"}
    page: dict[str, Any] = client.post("/documents/paginated", json=body).json()
    return page


def _total(page: Mapping[str, Any]) -> int:
    total: int = page["pagination"]["total_count"]
    return total


def _is_busy(client: httpx.Client) -> bool:
    return bool(client.get("/documents/pipeline_status").json()["busy"])
