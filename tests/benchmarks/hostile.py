"""Duration of an ordinary user's questions, without and with 50 hostile clients.

The hostile clients are a process of their own. Ten each send half of a head, upload without
a key, guess keys, ask questions of the maximum length, and run heavy Cypher queries.
"""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import httpx
import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from tests import live_server
from tests.benchmarks import corpus, ingestion

KEY = "the-key-of-the-ordinary-user"
QUESTIONS = 150
PAUSE = 0.05
EACH = 10
CYPHER = (
    "MATCH (a), (b), (c), (d) RETURN count(*)",
    "MATCH (a)-[*1..6]->(b) RETURN count(*)",
    "MATCH (a), (b), (c) RETURN collect(a.description + b.description)",
    f"RETURN replace('{'a' * 4000}', 'a', '{'b' * 4000}')",
)


def run(console: Console, variables: dict[str, str]) -> None:
    """Measure both, and print the memory of the web process."""
    table = Table("hostile clients", "p50 ms", "p95 ms", "failed", "web process MiB")
    variables = {**variables, "LIGHTRAG_API_KEY": KEY}
    with live_server.started(variables) as server:
        server.client.headers["X-API-Key"] = KEY
        ingestion.add(server.client, 0, 120)
        hostile_key = create_key(server)
        measure(server, Table())  # warm up
        measure(server, table, "none")
        attack = subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.benchmarks.hostile"),
                *(str(server.client.base_url), hostile_key),
            ]
        )
        try:
            time.sleep(5)
            measure(server, table, str(5 * EACH))
        finally:
            attack.kill()
            attack.wait()
    console.print(table)


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


def measure(server: live_server.LiveServer, table: Table, name: str = "") -> None:
    """Ask questions one after the other and add a row."""
    durations, failed = [], 0
    for number in range(QUESTIONS):
        started = time.perf_counter()
        body = {"query": f"{corpus.question(number)} {name}", "mode": "mix"}
        failed += not server.client.post("/query", json=body).is_success
        durations.append((time.perf_counter() - started) * 1000)
        time.sleep(PAUSE)
    p50, p95 = np.percentile(durations, [50, 95])
    if name:
        memory = f"{web_memory(server) / 2**20:.0f}"
        table.add_row(name, f"{p50:.0f}", f"{p95:.0f}", str(failed), memory)


def web_memory(server: live_server.LiveServer) -> int:
    """Return the private and shared memory of the web process, its shares counted once."""
    children = psutil.Process(server.process.pid).children(recursive=True)
    return sum(
        child.memory_full_info().pss
        for child in children
        if "lightrag_site.serving.web" in child.cmdline()
    )


async def attack(url: str, key: str) -> None:
    """Run all hostile clients until the process is killed."""
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        await asyncio.gather(
            *(forever(send_half_a_head, url) for _number in range(EACH)),
            *(forever(upload, client) for _number in range(EACH)),
            *(forever(guess, client) for _number in range(EACH)),
            *(forever(ask, client, key) for _number in range(EACH)),
            *(forever(query, client, key, number) for number in range(EACH)),
        )


async def forever(step: object, *arguments: object) -> None:
    while True:
        with suppress(httpx.HTTPError, OSError):
            await step(*arguments)  # type: ignore[operator]


async def send_half_a_head(url: str) -> None:
    address = httpx.URL(url)
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


async def upload(client: httpx.AsyncClient) -> None:
    async def parts() -> object:
        for _number in range(640):
            yield b"x" * 65536
            await asyncio.sleep(0.01)

    await client.post("/documents/upload", content=parts())  # type: ignore[arg-type]


async def guess(client: httpx.AsyncClient) -> None:
    await client.get("/documents", headers={"X-API-Key": f"guess-{time.time()}"})


async def ask(client: httpx.AsyncClient, key: str) -> None:
    body = {"query": f"{time.time()} " + "工程師設計大東方號 " * 6000, "mode": "mix"}
    await client.post("/query", json=body, headers={"X-API-Key": key})


async def query(client: httpx.AsyncClient, key: str, number: int) -> None:
    body = {"query": CYPHER[number % len(CYPHER)]}
    await client.post("/graph/cypher", json=body, headers={"X-API-Key": key})


if __name__ == "__main__":
    asyncio.run(attack(*sys.argv[1:]))
