"""Kills at random moments of an ingestion, and what is left when it has ended by itself.

`python -m tests.benchmarks crash [kills] [passages]` reads the MuSiQue passages named by
REPLAY_LLM_MUSIQUE. Each round is an ingestion into a workspace of its own; the provider
takes 50 ms and bills what it is asked. Nobody helps but the supervisor. The moment of a
kill is a random number of processed documents: by the clock it might come after the last.
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
from tests.benchmarks import victims
from tests.benchmarks.replaying_provider import ReplayingProvider
from tests.live_server import LiveServer

LATENCY = 0.05
PATIENCE = 240.0
KILLED = ("worker", "ingesting process", "web", "Redis", "PostgreSQL")
COUNTS = """
WITH w AS (SELECT id FROM documents_workspace WHERE name = %(workspace)s)
SELECT (SELECT count(*) FROM documents_document d, w
        WHERE d.workspace_id = w.id AND status = 'processed'),
    (SELECT count(*) FROM documents_chunk c, w WHERE c.workspace_id = w.id),
    (SELECT count(*) FROM graph_entity e, w WHERE e.workspace_id = w.id),
    (SELECT count(*) FROM graph_relation r, w WHERE r.workspace_id = w.id),
    (SELECT count(*) FROM graph_entitymention m, documents_chunk c, w
        WHERE m.chunk_id = c.id AND c.workspace_id = w.id),
    (SELECT count(*) FROM graph_relationmention m, documents_chunk c, w
        WHERE m.chunk_id = c.id AND c.workspace_id = w.id),
    (SELECT count(*) FROM search_chunk s, w WHERE s.workspace_id = w.id),
    (SELECT count(*) FROM search_entity s, w
        WHERE s.workspace_id = w.id AND vector IS NOT NULL),
    (SELECT count(*) FROM search_relation s, w
        WHERE s.workspace_id = w.id AND vector IS NOT NULL)
"""
MAKE_WORKSPACE = """
INSERT INTO documents_workspace (
    name, embedding_model, embedding_dimensions, version, created_at)
VALUES (%(workspace)s, 'fake:hash', 64, 0, now())
"""
Harm = Callable[[LiveServer, ReplayingProvider], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one ingestion ended."""

    at: int
    """Documents that had been processed when harm was done; -1: none was."""
    seconds: float
    """From the harm, or else from the beginning, to the last document's end."""
    counts: tuple[int, ...]
    failed: int
    graph: bool
    """Whether check_graph found it equal to the tables."""
    bought: int
    twice: int


def run(console: Console, kills: int, passages: int) -> None:
    """Undisturbed, then a round for each kill, the relay, the provider and the disk."""
    texts = read_passages(passages)
    provider = ReplayingProvider(os.environ["REPLAY_LLM_MUSIQUE"], LATENCY)
    with live_server.started(configuration(provider)) as live:
        quiet = ingest(live, provider, texts, None, 0)
        report = Report(console, quiet)
        for name, harm, after in rounds(kills, passages):
            report.add(name, ingest(live, provider, texts, harm, after))
    with (
        live_server.scratch_folder() as folder,
        victims.small_disk(folder),
        live_server.started(configuration(provider), folder) as live,
    ):
        full = ingest(live, provider, texts, lambda it, _: victims.fill_disk(it), 1)
        report.add("disk full", full)
    console.print(f"{len(texts)} passages a round; counts: {quiet.counts}")
    console.print(report.table)


def rounds(kills: int, passages: int) -> Iterator[tuple[str, Harm, int]]:
    """What is done to the site, and after how many documents."""
    chance = random.Random(kills)
    names = [*islice(cycle(KILLED), kills), "relay", "relay"]
    for name in names:
        yield name, partial(kill, name), chance.randrange(int(passages * 0.9))
    for _ in range(3):
        yield "every third call fails", fail_every_third, 0


def kill(name: str, live: LiveServer, _: ReplayingProvider) -> None:
    victims.kill(live, name)


def fail_every_third(_: LiveServer, provider: ReplayingProvider) -> None:
    victims.fail_every_third(provider)


class Report:
    """A table of rounds, each told as it ends."""

    def __init__(self, console: Console, quiet: Outcome) -> None:
        self.console = console
        self.quiet = quiet
        self.table = Table(
            *("harm", "at", "done after s", "same counts", "failed"),
            *("graph", "bought", "bought twice"),
        )
        self.add("none", quiet)

    def add(self, harm: str, outcome: Outcome) -> None:
        """A row, and a line at once."""
        same = outcome.counts == self.quiet.counts
        self.table.add_row(
            *(harm, str(outcome.at), f"{outcome.seconds:.1f}"),
            *("yes" if same else "NO", str(outcome.failed)),
            *("clean" if outcome.graph else "DIFFERS", str(outcome.bought)),
            str(outcome.twice),
        )
        self.console.print(f"{harm}: {outcome}", style="dim")


def read_passages(count: int) -> list[str]:
    path = Path(os.environ["REPLAY_LLM_MUSIQUE"])
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
    harm: Harm | None,
    after: int,
) -> Outcome:
    """From the first text to the last document's end, with one harm in between."""
    provider.bill.clear()
    workspace = f"round_{time.time_ns()}"
    with database(live) as connection:
        connection.execute(MAKE_WORKSPACE, {"workspace": workspace})
    with httpx.Client(
        base_url=live.client.base_url,
        headers={"LIGHTRAG-WORKSPACE": workspace},
        timeout=60,
    ) as client:
        at, started = -1, time.monotonic()
        hand_in(client, texts, workspace)
        if harm:
            at = wait_until_processed(client, after)
            started = time.monotonic()
            harm(live, provider)
        failed = wait_until_done(client, len(texts))
        seconds = time.monotonic() - started
    provider.failing = False
    wait_until_embedded(live, workspace)
    bought = sum(provider.bill.values())
    found = counts(live, workspace)
    clean = graph_is_clean(live)
    twice = provider.bought_twice()
    return Outcome(at, seconds, found, failed, clean, bought, twice)


def hand_in(client: httpx.Client, texts: list[str], workspace: str) -> None:
    """Each text says which round it is of: the next round's are new to everybody."""
    for start in range(0, len(texts), 100):
        some = [f"{text}\n\n{workspace}" for text in texts[start : start + 100]]
        names = [f"{start + place}.txt" for place in range(len(some))]
        client.post(
            "/documents/texts", json={"texts": some, "file_sources": names}
        ).raise_for_status()


def status(client: httpx.Client) -> Mapping[str, Any]:
    """Empty while nobody answers."""
    try:
        answer = client.get("/documents/status_counts", timeout=10)
        return answer.json()["status_counts"] if answer.is_success else {}
    except (httpx.HTTPError, ValueError):
        return {}


def wait_until_processed(client: httpx.Client, number: int) -> int:
    """So many at least; returns how many they are."""
    while (now := status(client).get("processed", -1)) < number:
        time.sleep(0.02)
    return int(now)


def wait_until_done(client: httpx.Client, wanted: int) -> int:
    """The number of failed documents once none is left to do; -1: it took too long."""
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        now = status(client)
        if now and now["processed"] + now["failed"] >= wanted:
            return int(now["failed"])
        time.sleep(0.1)
    return -1


def wait_until_embedded(live: LiveServer, workspace: str) -> None:
    """Vectors that a killed worker left stale are made by the next one."""
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
