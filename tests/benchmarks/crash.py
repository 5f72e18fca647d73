"""Kills at random moments of an ingestion, and the state after it has ended by itself.

`python -m tests.benchmarks crash [kills] [passages]` reads the MuSiQue passages in the
file MUSIQUE_PASSAGES. Each round ingests them into a new workspace; the provider takes
50 ms and counts its requests. Only the supervisor restarts processes. A kill happens
after a random number of processed documents; after a random time, the ingestion might
already have ended.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import httpx
import psycopg
from rich.console import Console
from rich.table import Table

from lightrag_site import paths
from tests import live_server
from tests.benchmarks import faults, passage_index
from tests.benchmarks.passage_index import PassageIndex
from tests.benchmarks.replaying_provider import ReplayingProvider
from tests.live_server import LiveServer

LATENCY = 0.05
TIMEOUT_SECONDS = 240.0
KILLED = ("worker", "ingesting process", "web", "Redis", "PostgreSQL")
COUNTS = """
WITH w AS (SELECT id, search_index FROM documents_workspace WHERE name = %(workspace)s)
SELECT (SELECT count(*) FROM documents_document d, w
        WHERE d.workspace_id = w.id AND status = 'processed'),
    (SELECT count(*) FROM documents_chunk c, w WHERE c.workspace_id = w.id),
    (SELECT count(*) FROM graph_entity e, w WHERE e.workspace_id = w.id),
    (SELECT count(*) FROM graph_relation r, w WHERE r.workspace_id = w.id),
    (SELECT count(*) FROM graph_entitymention m, documents_chunk c, w
        WHERE m.chunk_id = c.id AND c.workspace_id = w.id),
    (SELECT count(*) FROM graph_relationmention m, documents_chunk c, w
        WHERE m.chunk_id = c.id AND c.workspace_id = w.id),
    (SELECT count(*) FROM search_chunk s, w WHERE s.index_id = w.search_index),
    (SELECT count(*) FROM search_entity s, w
        WHERE s.index_id = w.search_index AND vector IS NOT NULL),
    (SELECT count(*) FROM search_relation s, w
        WHERE s.index_id = w.search_index AND vector IS NOT NULL)
"""
MAKE_WORKSPACE = """
INSERT INTO documents_workspace (
    name, embedding_model, embedding_dimensions, version, created_at)
VALUES (%(workspace)s, 'fake:hash', 64, 0, now())
"""
Fault = Callable[[LiveServer, ReplayingProvider], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one ingestion ended."""

    processed_before: int
    """Documents processed before the fault; -1 without a fault."""
    seconds: float
    """From the fault, or from the start without one, to the end of the last document."""
    counts: tuple[int, ...]
    failed: int
    graph_is_clean: bool
    """Whether check_graph found the graph equal to the tables."""
    extractions: int
    repeated: int


def run(console: Console, kills: int, passages: int) -> None:
    """Run a round without a fault, then one for each kill and each other fault."""
    texts = read_passages(passages)
    provider = ReplayingProvider(index(), LATENCY)
    with live_server.started(configuration(provider)) as live:
        reference = ingest(live, provider, texts, None, 0)
        report = Report(console, reference)
        for name, fault, after in rounds(kills, passages):
            report.add(name, ingest(live, provider, texts, fault, after))
    with (
        live_server.scratch_folder() as folder,
        faults.small_disk(folder),
        live_server.started(configuration(provider), folder) as live,
    ):
        full = ingest(live, provider, texts, lambda live, _: faults.fill_disk(live), 1)
        report.add("disk full", full)
    console.print(f"{len(texts)} passages a round; counts: {reference.counts}")
    console.print(report.table)


def rounds(kills: int, passages: int) -> Iterator[tuple[str, Fault, int]]:
    """Yield the name of each fault, the fault, and after how many documents it happens."""
    chance = random.Random(kills)
    names = [*islice(cycle(KILLED), kills), "relay", "relay"]
    for name in names:
        yield name, partial(kill, name), chance.randrange(int(passages * 0.9))
    for _ in range(3):
        yield "every third call fails", fail_every_third, 0


def kill(name: str, live: LiveServer, _: ReplayingProvider) -> None:
    faults.kill(live, name)


def fail_every_third(_: LiveServer, provider: ReplayingProvider) -> None:
    faults.fail_every_third(provider)


class Report:
    """A table of rounds; each is also printed when it ends."""

    def __init__(self, console: Console, reference: Outcome) -> None:
        self.console = console
        self.reference = reference
        self.table = Table(
            *("fault", "after documents", "seconds", "same counts", "failed"),
            *("graph", "extractions", "repeated"),
        )
        self.add("none", reference)

    def add(self, fault: str, outcome: Outcome) -> None:
        """Add a row and print the outcome."""
        is_equal = outcome.counts == self.reference.counts
        self.table.add_row(
            *(fault, str(outcome.processed_before), f"{outcome.seconds:.1f}"),
            *("yes" if is_equal else "NO", str(outcome.failed)),
            "clean" if outcome.graph_is_clean else "DIFFERS",
            *(str(outcome.extractions), str(outcome.repeated)),
        )
        self.console.print(f"{fault}: {outcome}", style="dim")


def index() -> PassageIndex:
    return passage_index.load(musique=os.environ["MUSIQUE_PASSAGES"])


def read_passages(count: int) -> list[str]:
    path = Path(os.environ["MUSIQUE_PASSAGES"])
    passages = json.loads(path.read_text())[:count]
    return [f"{p['title']}\n{p['text']}" for p in passages]


def configuration(provider: ReplayingProvider) -> dict[str, str]:
    return {
        **provider.settings,
        "EMBEDDING_BINDING": "fake",
        "WORKERS": "2",
        "LOG_LEVEL": "WARNING",
    }


def ingest(
    live: LiveServer,
    provider: ReplayingProvider,
    texts: list[str],
    fault: Fault | None,
    after: int,
) -> Outcome:
    """Ingest the texts, with one fault after some documents."""
    provider.extractions.clear()
    workspace = f"round_{time.time_ns()}"
    with database(live) as connection:
        connection.execute(MAKE_WORKSPACE, {"workspace": workspace})
    with httpx.Client(
        base_url=live.client.base_url,
        headers={"LIGHTRAG-WORKSPACE": workspace},
        timeout=60,
    ) as client:
        processed_before, started = -1, time.monotonic()
        upload(client, texts, workspace)
        if fault:
            processed_before = wait_until_processed(client, after)
            started = time.monotonic()
            fault(live, provider)
        failed = wait_until_done(client, len(texts))
        seconds = time.monotonic() - started
    provider.failing = False
    wait_until_embedded(live, workspace)
    return Outcome(
        processed_before,
        seconds,
        counts(live, workspace),
        failed,
        graph_is_clean(live),
        sum(provider.extractions.values()),
        provider.repeated_extractions(),
    )


def upload(client: httpx.Client, texts: list[str], workspace: str) -> None:
    """Add the workspace's name to each text: no cache knows the texts of a new round."""
    for start in range(0, len(texts), 100):
        batch = [f"{text}\n\n{workspace}" for text in texts[start : start + 100]]
        names = [f"{start + number}.txt" for number in range(len(batch))]
        client.post(
            "/documents/texts", json={"texts": batch, "file_sources": names}
        ).raise_for_status()


def status(client: httpx.Client) -> Mapping[str, Any]:
    """Return the documents per status; empty while the server does not answer."""
    try:
        answer = client.get("/documents/status_counts", timeout=10)
        return answer.json()["status_counts"] if answer.is_success else {}
    except (httpx.HTTPError, ValueError):
        return {}


def wait_until_processed(client: httpx.Client, number: int) -> int:
    """Wait until at least `number` documents are processed; return how many are."""
    while (now := status(client).get("processed", -1)) < number:
        time.sleep(0.02)
    return int(now)


def wait_until_done(client: httpx.Client, total: int) -> int:
    """Wait for all documents; return how many failed, or -1 after the timeout."""
    end = time.monotonic() + TIMEOUT_SECONDS
    while time.monotonic() < end:
        now = status(client)
        if now and now["processed"] + now["failed"] >= total:
            return int(now["failed"])
        time.sleep(0.1)
    return -1


def wait_until_embedded(live: LiveServer, workspace: str) -> None:
    """Wait for vectors that a killed worker left stale; the next one embeds them."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        _, _, entities, relations, *_, vectors, edges = counts(live, workspace)
        if (entities, relations) == (vectors, edges):
            return
        time.sleep(0.5)


def counts(live: LiveServer, workspace: str) -> tuple[int, ...]:
    with database(live) as connection:
        row = connection.execute(COUNTS, {"workspace": workspace}).fetchone()
        return tuple(row or ())


def database(live: LiveServer) -> psycopg.Connection[Any]:
    folder = paths.of(live.folder / "rag_storage").postgres_socket_dir
    return psycopg.connect(host=str(folder), user="postgres", dbname="lightrag")


def graph_is_clean(live: LiveServer) -> bool:
    code = "import sys; sys.argv = ['manage.py', 'check_graph']; "
    code += "from lightrag_site.command_line import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=live.folder,
        env=dict(live.variables),
        capture_output=True,
        check=False,
    )
    return done.returncode == 0
