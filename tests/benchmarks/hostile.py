"""Duration of an ordinary user's questions, without and with 50 hostile clients.

The hostile clients are a process of their own. Ten each send half of a head, upload without
a key, guess keys, ask questions of the maximum length, and run heavy Cypher queries. Each
attack is also measured alone, between two measurements without an attack.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import httpx
import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from tests import live_server
from tests.benchmarks import corpus, ingestion

KEY = "the-key-of-the-ordinary-user"
QUESTIONS = 100
PAUSE = 0.05
EACH = 10
MEASURE_SECONDS = 60
"""Upper bound on one measurement, so that slow answers still give a table."""
CYPHER = (
    "MATCH (a), (b), (c), (d) RETURN count(*)",
    "MATCH (a)-[*1..6]->(b) RETURN count(*)",
    "MATCH (a), (b), (c) RETURN collect(a.description + b.description)",
    f"RETURN replace('{'a' * 4000}', 'a', '{'b' * 4000}')",
)


Attack = Callable[[httpx.AsyncClient, str, int], Awaitable[None]]
finished: deque[float] = deque()
"""Times at which hostile requests ended, in the process of the hostile clients."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """Durations of the ordinary user's questions in milliseconds."""

    durations: Sequence[float]
    failed: int

    def percentile(self, percent: int) -> float:
        return float(np.percentile(self.durations, percent))


def run(console: Console, variables: dict[str, str]) -> None:
    """Measure each attack and all together, and print the memory of the web process."""
    table = Table(
        *("hostile clients", "p50 ms", "p95 ms", "p95 without", "times", "failed"),
        *("hostile requests/s", "web process MiB"),
    )
    variables = {**variables, "LIGHTRAG_API_KEY": KEY}
    with live_server.started(variables) as server:
        server.client.headers["X-API-Key"] = KEY
        ingestion.add(server.client, 0, 120)
        key = create_key(server)
        measure(server.client, "warm up")
        before = measure(server.client, "before")
        for kinds in (*((kind,) for kind in ATTACKS), tuple(ATTACKS)):
            cells, before = row(server, key, kinds, before)
            table.add_row(*cells)
            console.print(*(list(column.cells)[-1] for column in table.columns))
    console.print(table)


def row(
    server: live_server.LiveServer, key: str, kinds: Sequence[str], before: Measurement
) -> tuple[list[str], Measurement]:
    """Measure during and after an attack; return its row, and the last measurement."""
    name = kinds[0] if len(kinds) == 1 else "all"
    with attacking(str(server.client.base_url), key, kinds) as requests_per_second:
        attacked = measure(server.client, name)
        rate = requests_per_second()
    memory = web_memory(server) / 2**20
    after = measure(server.client, f"after {name}")
    alone = Measurement((*before.durations, *after.durations), 0).percentile(95)
    cells = [
        f"{EACH * len(kinds)} {name}",
        f"{attacked.percentile(50):.0f}",
        f"{attacked.percentile(95):.0f}",
        f"{alone:.0f}",
        f"{attacked.percentile(95) / alone:.2f}",
        str(attacked.failed),
        rate,
        f"{memory:.0f}",
    ]
    return cells, after


@contextmanager
def attacking(url: str, key: str, kinds: Sequence[str]) -> Iterator[Callable[[], str]]:
    """Run hostile clients in a process; yield a function that returns their requests/s."""
    command = (sys.executable, "-m", "tests.benchmarks.hostile", url, key, *kinds)
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    lines = deque[str](maxlen=1)
    Thread(target=lines.extend, args=(process.stdout,), daemon=True).start()
    try:
        time.sleep(5)
        yield lambda: "".join(lines).strip()
    finally:
        process.kill()
        process.wait()
        time.sleep(2)


def create_key(server: live_server.LiveServer) -> str:
    """Return a new API key with the role read."""
    root = Path(__file__).resolve().parents[2]
    output = subprocess.run(
        [
            *(sys.executable, str(root / "manage.py"), "api_key"),
            *("create", "hostile", "--role", "read"),
        ],
        cwd=server.folder,
        env={**live_server.untouched(), **server.variables},
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    return next(word for word in output.split() if word.startswith("lr-"))


def measure(client: httpx.Client, name: str) -> Measurement:
    """Ask questions one after the other."""
    durations: list[float] = []
    failed, end = 0, time.monotonic() + MEASURE_SECONDS
    while len(durations) < QUESTIONS and time.monotonic() < end:
        started = time.perf_counter()
        failed += not answered(client, f"{corpus.question(len(durations))} {name}")
        durations.append((time.perf_counter() - started) * 1000)
        time.sleep(PAUSE)
    return Measurement(durations, failed)


def answered(client: httpx.Client, question: str) -> bool:
    """Return whether the question was answered within the client's timeout."""
    with suppress(httpx.HTTPError):
        body = {"query": question, "mode": "mix"}
        return client.post("/query", json=body).is_success
    return False


def web_memory(server: live_server.LiveServer) -> int:
    """Return the private and shared memory of the web process, its shares counted once."""
    total = 0
    for child in psutil.Process(server.process.pid).children(recursive=True):
        with suppress(psutil.Error):  # it has ended meanwhile
            if "lightrag_site.serving.web" in child.cmdline():
                total += child.memory_full_info().pss
    return total


async def attack(url: str, key: str, *kinds: str) -> None:
    """Run the hostile clients until the process is killed; print their requests/s."""
    async with (
        httpx.AsyncClient(
            base_url=url, timeout=60, limits=httpx.Limits(max_connections=None)
        ) as client,
        asyncio.TaskGroup() as tasks,
    ):
        for kind in kinds:
            for number in range(EACH):
                tasks.create_task(repeat(ATTACKS[kind], client, key, number))
        tasks.create_task(print_rate())


async def repeat(
    step: Attack, client: httpx.AsyncClient, key: str, number: int
) -> None:
    while True:
        with suppress(httpx.HTTPError, OSError):
            await step(client, key, number)
        finished.append(time.monotonic())
        await asyncio.sleep(0)


async def print_rate() -> None:
    """Print the requests per second of the last ten seconds, every second."""
    while True:
        await asyncio.sleep(1)
        while finished and finished[0] < time.monotonic() - 10:
            finished.popleft()
        sys.stdout.write(f"{len(finished) / 10:.0f}\n")
        sys.stdout.flush()


async def send_half_a_head(client: httpx.AsyncClient, _key: str, _number: int) -> None:
    address = client.base_url
    reader, writer = await asyncio.open_connection(address.host, address.port)
    writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\n")
    with suppress(ConnectionError):
        for _number in range(60):
            writer.write(b"X-Slow: 1\r\n")
            await writer.drain()
            await asyncio.sleep(1)
            if reader.at_eof():
                break
    writer.close()


async def upload(client: httpx.AsyncClient, _key: str, _number: int) -> None:
    async def parts() -> object:
        for _number in range(640):
            yield b"x" * 65536
            await asyncio.sleep(0.01)

    await client.post("/documents/upload", content=parts())  # type: ignore[arg-type]


async def guess(client: httpx.AsyncClient, _key: str, _number: int) -> None:
    await client.get("/documents", headers={"X-API-Key": f"guess-{time.time()}"})


async def ask(client: httpx.AsyncClient, key: str, _number: int) -> None:
    body = {"query": f"{time.time()} " + "工程師設計大東方號 " * 6000, "mode": "mix"}
    await client.post("/query", json=body, headers={"X-API-Key": key})


async def query(client: httpx.AsyncClient, key: str, number: int) -> None:
    body = {"query": CYPHER[number % len(CYPHER)]}
    await client.post("/graph/cypher", json=body, headers={"X-API-Key": key})


ATTACKS: dict[str, Attack] = {
    "slow heads": send_half_a_head,
    "uploads": upload,
    "wrong keys": guess,
    "long questions": ask,
    "Cypher": query,
}


if __name__ == "__main__":
    asyncio.run(attack(*sys.argv[1:]))
