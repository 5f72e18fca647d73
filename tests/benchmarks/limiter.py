"""Ingestion at the limits of a narrow provider: its throughput and its refusals."""

from __future__ import annotations

import time

from rich.console import Console
from rich.table import Table

from tests import live_server
from tests.benchmarks import corpus, narrow_provider
from tests.benchmarks.narrow_provider import (
    LATENCY,
    MAX_CONCURRENT,
    PER_MINUTE,
    NarrowProvider,
)

DOCUMENTS = 150
RUNS: dict[str, dict[str, str]] = {
    "nothing configured": {},
    "LLM_REQUESTS_PER_MINUTE=60": {"LLM_REQUESTS_PER_MINUTE": str(PER_MINUTE)},
}


def bound() -> float:
    """Return the least possible seconds, by the limits of the provider."""
    whole_minutes, remainder = divmod(DOCUMENTS, PER_MINUTE)
    return 60 * whole_minutes + remainder / MAX_CONCURRENT * LATENCY


def run(console: Console) -> None:
    """Configure 16 concurrent requests for 2 workers; the provider accepts 5."""
    table = Table(
        *("run", "seconds", "bound / seconds", "answered", "429 concurrency"),
        *("429 per minute", "failed documents"),
    )
    for name, settings in RUNS.items():
        provider = narrow_provider.NarrowProvider()
        seconds, failed = ingest(provider, settings)
        table.add_row(
            *(name, f"{seconds:.1f}", f"{bound() / seconds:.2f}"),
            *(str(provider.answered), str(provider.refused["concurrency"])),
            *(str(provider.refused["per minute"]), str(failed)),
        )
        provider.shutdown()
    console.print(table)


def ingest(provider: NarrowProvider, settings: dict[str, str]) -> tuple[float, int]:
    """Return the seconds and the number of failed documents."""
    variables = {
        "LLM_BINDING": "openai",
        "LLM_MODEL": "m",
        "LLM_BINDING_HOST": provider.url,
        "LLM_BINDING_API_KEY": "k",
        "MAX_ASYNC_LLM": "16",
        "EMBEDDING_BINDING": "fake",
        "LOG_LEVEL": "WARNING",
        **settings,
    }
    with live_server.running(variables) as client:
        started = time.monotonic()
        half = DOCUMENTS // 2
        for first in (0, half):  # two uploads, so that both workers are notified
            numbers = range(first, first + half)
            client.post(
                "/documents/texts",
                json={
                    "texts": [corpus.document(number) for number in numbers],
                    "file_sources": [f"{number}.txt" for number in numbers],
                },
            ).raise_for_status()
        while True:
            answer = client.get("/documents/status_counts").json()["status_counts"]
            if answer["processed"] + answer["failed"] >= DOCUMENTS:
                return time.monotonic() - started, answer["failed"]
            time.sleep(0.2)
