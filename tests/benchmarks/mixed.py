"""Concurrent uploads, questions, edits and deletions: four web and four worker processes.

`python -m tests.benchmarks mixed [seconds]`, by default ten minutes.
"""

from __future__ import annotations

import random
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx
import numpy as np
from rich.console import Console
from rich.table import Table

from tests import live_server
from tests.benchmarks import corpus, crash
from tests.live_server import LiveServer

STAND_INS = {
    "LLM_BINDING": "fake",
    "EMBEDDING_BINDING": "fake",
    "FAKE_LLM_LATENCY": "0.05",
    "WEB_WORKERS": "4",
    "WORKERS": "4",
    "LOG_LEVEL": "WARNING",
}
INCONSISTENCIES = {
    "chunks of processed documents missing from the index": """
        SELECT count(*) FROM documents_chunk c
        JOIN documents_document d ON d.id = c.document_id AND d.status = 'processed'
        JOIN documents_workspace w ON w.id = c.workspace_id
        LEFT JOIN search_chunk s ON s.index_id = w.search_index AND s.chunk_id = c.id
        WHERE s.chunk_id IS NULL""",
    "indexed chunks of no processed document": """
        SELECT count(*) FROM search_chunk s
        LEFT JOIN documents_chunk c ON c.id = s.chunk_id
        LEFT JOIN documents_document d ON d.id = c.document_id AND d.status = 'processed'
        WHERE d.id IS NULL""",
    "entities without mentions": """
        SELECT count(*) FROM graph_entity e WHERE NOT e.manual AND NOT EXISTS (
            SELECT FROM graph_entitymention m WHERE m.entity_id = e.id)""",
    "entities without a vector": """
        SELECT count(*) FROM graph_entity e
        JOIN documents_workspace w ON w.id = e.workspace_id LEFT JOIN search_entity s
            ON s.index_id = w.search_index AND s.entity_id = e.id
        WHERE s.vector IS NULL""",
    "relations without a vector": """
        SELECT count(*) FROM graph_relation r
        JOIN documents_workspace w ON w.id = r.workspace_id LEFT JOIN search_relation s
            ON s.index_id = w.search_index AND s.relation_id = r.id
        WHERE s.vector IS NULL""",
    "failed documents": """
        SELECT count(*) FROM documents_document WHERE status = 'failed'""",
}


Action = Callable[[httpx.Client], httpx.Response]


@dataclass
class Load:
    """Requests by kind, their durations and their errors."""

    live: LiveServer
    end: float
    seconds: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    errors: Counter[str] = field(default_factory=Counter)
    lock: threading.Lock = field(default_factory=threading.Lock)
    added: int = 0

    def repeat(self, kind: str, pause: float, action: Action) -> None:
        """Repeat `action` until the end, with `pause` seconds before each."""
        with httpx.Client(base_url=self.live.client.base_url, timeout=60) as client:
            while time.monotonic() < self.end:
                time.sleep(pause)
                started = time.monotonic()
                try:
                    result = str(action(client).status_code)
                except httpx.HTTPError as error:
                    result = type(error).__name__
                with self.lock:
                    self.seconds[kind].append(time.monotonic() - started)
                    if not result.startswith("2"):
                        self.errors[f"{kind}: {result}"] += 1

    def ingest(self, client: httpx.Client) -> httpx.Response:
        with self.lock:
            first = self.added
            self.added += 5
        numbers = range(first, first + 5)
        body = {
            "texts": [corpus.document(number) for number in numbers],
            "file_sources": [f"{number}.txt" for number in numbers],
        }
        return client.post("/documents/texts", json=body)

    def query(self, client: httpx.Client) -> httpx.Response:
        number = random.randrange(max(self.added, 1))
        return client.post(
            "/query", json={"query": corpus.question(number), "mode": "mix"}
        )

    def edit(self, client: httpx.Client) -> httpx.Response:
        """Edit an entity; 404 if its document was deleted in the meantime."""
        labels = client.get("/graph/label/popular", params={"limit": 50}).json()
        if not labels:
            return client.get("/health")
        body = {
            "entity_name": random.choice(labels),
            "updated_data": {"description": f"Edited at {time.time():.3f}."},
        }
        return client.post("/graph/entity/edit", json=body)

    def delete(self, client: httpx.Client) -> httpx.Response:
        page = {"page": 1, "page_size": 10, "sort_direction": "asc"}
        documents = client.post("/documents/paginated", json=page).json()["documents"]
        if not documents:
            return client.get("/health")
        ids = [random.choice(documents)["id"]]
        return client.request(
            "DELETE", "/documents/delete_document", json={"doc_ids": ids}
        )


def run(console: Console, seconds: int) -> None:
    """Print latencies by kind, errors, and inconsistencies after all work is done."""
    with live_server.started(STAND_INS) as live:
        load = Load(live, time.monotonic() + seconds)
        kinds: list[tuple[str, float, Action]] = [
            ("ingest", 1.0, load.ingest),
            ("edit", 0.3, load.edit),
            ("delete", 2.0, load.delete),
            *[("query", 0.0, load.query)] * 4,
        ]
        with ThreadPoolExecutor(len(kinds)) as pool:
            for kind, pause, action in kinds:
                pool.submit(load.repeat, kind, pause, action)
        wait_until_idle(live)
        show(console, load)


def wait_until_idle(live: LiveServer) -> None:
    """Wait until all documents are processed or failed, and stale vectors embedded."""
    end = time.monotonic() + 120
    while time.monotonic() < end:
        counts = crash.status(live.client)
        if counts and counts["processed"] + counts["failed"] == counts["all"]:
            break
        time.sleep(0.5)
    time.sleep(15)  # one sweep embeds what edits changed


def show(console: Console, load: Load) -> None:
    table = Table("kind", "requests", "p50 ms", "p95 ms", "p99 ms", "longest ms")
    for kind, seconds in sorted(load.seconds.items()):
        percentiles = np.percentile(np.array(seconds) * 1000, [50, 95, 99, 100])
        table.add_row(kind, str(len(seconds)), *(f"{ms:.0f}" for ms in percentiles))
    console.print(table)
    console.print(f"errors: {dict(load.errors) or 'none'}")
    with crash.database(load.live) as connection:
        for description, statement in INCONSISTENCIES.items():
            row = connection.execute(statement).fetchone()
            console.print(f"{description}: {row[0] if row else '?'}")
    clean = crash.graph_is_clean(load.live)
    console.print(f"check_graph: {'clean' if clean else 'DIFFERS'}")
