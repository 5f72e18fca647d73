"""Kills at random moments of an ingestion, and what is left when it has ended by itself.

`python -m tests.benchmarks crash [kills] [passages]` reads the MuSiQue passages named by
REPLAY_LLM_MUSIQUE; the stand-in model takes 50 ms and notes what it was paid for. After
each SIGKILL nobody helps but the supervisor.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from typing import Any

import httpx
import psutil
import psycopg
from rich.console import Console
from rich.table import Table

from lightrag_site import places
from tests import live_server
from tests.live_server import LiveServer

PATIENCE = 240.0
VICTIMS = ("ingesting process", "worker", "web", "valkey", "postgres")
COUNTS = """
SELECT (SELECT count(*) FROM documents_document WHERE status = 'processed'),
    (SELECT count(*) FROM documents_chunk), (SELECT count(*) FROM graph_entity),
    (SELECT count(*) FROM graph_relation), (SELECT count(*) FROM graph_entitymention),
    (SELECT count(*) FROM graph_relationmention), (SELECT count(*) FROM search_chunk),
    (SELECT count(*) FROM search_entity WHERE vector IS NOT NULL),
    (SELECT count(*) FROM search_relation WHERE vector IS NOT NULL)
"""


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one ingestion ended."""

    seconds: float
    counts: tuple[int, ...]
    failed: int
    graph: bool
    """Whether check_graph found it equal to the tables."""
    bought: int
    twice: int
    """Passages beyond the first time; twins of one text count as one."""


def run(console: Console, kills: int, passages: int) -> None:
    """One undisturbed ingestion, then one for each kill; a row for each."""
    texts = read_passages(passages)
    quiet = ingest(texts, None, 0.0)
    table = Table(
        *("killed", "after s", "done after s", "same counts", "failed"),
        *("graph", "calls", "bought twice"),
    )
    row(table, "nothing", 0.0, quiet, quiet)
    chance = random.Random(7)
    for victim in islice(cycle(VICTIMS), kills):
        after = chance.uniform(0.2, max(quiet.seconds * 0.9, 0.5))
        outcome = ingest(texts, victim, after)
        row(table, victim, after, outcome, quiet)
        console.print(f"{victim} after {after:.1f} s: {outcome}", style="dim")
    console.print(f"{len(texts)} passages; counts: {quiet.counts}")
    console.print(table)


def row(
    table: Table, victim: str, after: float, outcome: Outcome, quiet: Outcome
) -> None:
    table.add_row(
        *(victim, f"{after:.1f}", f"{outcome.seconds:.1f}"),
        *("yes" if outcome.counts == quiet.counts else "NO", str(outcome.failed)),
        *("clean" if outcome.graph else "DIFFERS", str(outcome.bought)),
        str(outcome.twice),
    )


def read_passages(count: int) -> list[str]:
    path = Path(os.environ["REPLAY_LLM_MUSIQUE"])
    passages = json.loads(path.read_text())[:count]
    return [f"{p['title']}\n{p['text']}" for p in passages]


def ingest(texts: list[str], victim: str | None, after: float) -> Outcome:
    """From the first text to the last document's end, with one kill in between."""
    with server() as (live, log):
        started = time.monotonic()
        hand_in(live.client, texts)
        if victim:
            time.sleep(after)
            kill(live, victim)
        failed = wait_until_done(live.client, len(texts))
        seconds = time.monotonic() - started
        wait_until_embedded(live)
        calls = bought(log)
        return Outcome(
            seconds,
            counts(live),
            failed,
            graph_is_clean(live),
            sum(calls.values()),
            sum(number - 1 for number in calls.values()),
        )


@contextmanager
def server() -> Iterator[tuple[LiveServer, Path]]:
    log = Path(f"/tmp/lightrag-bought-{os.getpid()}.log")
    log.unlink(missing_ok=True)
    variables = {
        "LLM_BINDING": "replay",
        "REPLAY_LLM_MUSIQUE": os.environ["REPLAY_LLM_MUSIQUE"],
        "REPLAY_LLM_LATENCY": "0.05",
        "REPLAY_LLM_LOG": str(log),
        "EMBEDDING_BINDING": "fake",
        "WORKERS": "2",
        "LOG_LEVEL": "WARNING",
    }
    try:
        with live_server.started(variables) as live:
            yield live, log
    finally:
        log.unlink(missing_ok=True)


def hand_in(client: httpx.Client, texts: list[str]) -> None:
    for start in range(0, len(texts), 100):
        some = texts[start : start + 100]
        names = [f"{start + place}.txt" for place in range(len(some))]
        client.post(
            "/documents/texts", json={"texts": some, "file_sources": names}
        ).raise_for_status()


def kill(live: LiveServer, victim: str) -> None:
    """SIGKILL; whoever is not there (any more) cannot be killed."""
    marks = {
        "worker": "lightrag_site.celery",
        "ingesting process": "lightrag_site.celery",
        "web": "lightrag_site.web",
        "valkey": "valkey",
        "postgres": "rag_storage/postgres",
    }
    children = psutil.Process(live.process.pid).children()
    found = [c for c in children if any(marks[victim] in arg for arg in c.cmdline())]
    if victim == "ingesting process":
        found = [child for worker in found for child in worker.children()][:1]
    for process in found[:1]:
        process.kill()


def status(client: httpx.Client) -> Mapping[str, Any]:
    """Empty while nobody answers."""
    try:
        answer = client.get("/documents/status_counts", timeout=10)
        return answer.json()["status_counts"] if answer.is_success else {}
    except (httpx.HTTPError, ValueError):
        return {}


def wait_until_done(client: httpx.Client, wanted: int) -> int:
    """The number of failed documents once none is left to do."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        now = status(client)
        if now and now["processed"] + now["failed"] >= wanted:
            return int(now["failed"])
        time.sleep(0.1)
    return -1


def wait_until_embedded(live: LiveServer) -> None:
    """Vectors that a killed worker left stale are made by the next one."""
    end = time.monotonic() + 60
    while time.monotonic() < end:
        _, _, entities, relations, *_, vectors, edges = counts(live)
        if (entities, relations) == (vectors, edges):
            return
        time.sleep(0.5)


def counts(live: LiveServer) -> tuple[int, ...]:
    folder = places.of(live.folder / "rag_storage").postgres_socket_dir
    with psycopg.connect(host=str(folder), user="postgres", dbname="lightrag") as found:
        return tuple(found.execute(COUNTS).fetchone() or ())


def bought(log: Path) -> Counter[str]:
    """How often each passage's extraction was paid for."""
    calls: Counter[str] = Counter()
    for line in log.read_text().splitlines():
        call = json.loads(line)
        if call["for"] == "extraction":
            calls[json.dumps(call["passages"])] += 1
    return calls


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
