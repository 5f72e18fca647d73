"""Two hundred streams at once on one web process, and five hundred that are killed."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import httpx
import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from tests import live_server

STREAMS = 200
KILLS = 500
KILLED_AT_ONCE = 50
FIRST_TOKEN = 0.5
TOKEN = 0.02
WORDS = 300
RAMP = 4.0
"""Seconds over which the streams begin; each lasts longer, so all are open at once."""
STAND_INS = {
    "LLM_BINDING": "fake",
    "EMBEDDING_BINDING": "fake",
    "FAKE_LLM_LATENCY": str(FIRST_TOKEN),
    "FAKE_LLM_TOKEN_LATENCY": str(TOKEN),
    "KEYWORD_FAKE_LLM_LATENCY": "0",
    "MAX_ASYNC_LLM": "1000",
    "ENABLE_LLM_CACHE": "false",
    "COSINE_THRESHOLD": "0.01",
    "LOG_LEVEL": "WARNING",
}
TEXT = "Marie Curie discovered radium " + " ".join(f"and{n}" for n in range(WORDS))


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds from the request to its first word and to its end, and its words."""

    first: float
    total: float
    words: int

    @property
    def models_own(self) -> float:
        """What the model alone takes for as many words."""
        return FIRST_TOKEN + TOKEN * (self.words - 1)


@dataclass(frozen=True, slots=True)
class State:
    """Of the web process and its database connections."""

    memory: float
    threads: int
    sockets: int
    connections: int
    busy: int

    @classmethod
    def now(cls) -> State:
        children = psutil.Process().children(recursive=True)
        (web,) = [one for one in children if "lightrag_site.web" in command(one)]
        titles = [command(one) for one in children]
        backends = [title for title in titles if "[local]" in title]
        return cls(
            web.memory_info().rss / 2**20,
            web.num_threads(),
            len(web.net_connections("tcp")),
            len(backends),
            len([title for title in backends if not title.rstrip().endswith("idle")]),
        )


def command(process: psutil.Process) -> str:
    try:
        return " ".join(process.cmdline())
    except psutil.Error:
        return ""


async def opened(
    address: tuple[str, int], number: int
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A chat completion whose answer is being streamed."""
    reader, writer = await asyncio.open_connection(*address)
    question = f"Who discovered radium? ({number})"
    body = json.dumps(
        {
            "model": "LightRAG",
            "stream": True,
            "messages": [{"role": "user", "content": question}],
        }
    ).encode()
    head = (
        "POST /v1/chat/completions HTTP/1.1\r\nHost: bench\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    return reader, writer


async def read(address: tuple[str, int], number: int) -> Times:
    started = time.perf_counter()
    reader, writer = await opened(address, number)
    first, words, heard = 0.0, 0, b""
    while b"[DONE]" not in (line := await reader.readline()):
        if not line:
            raise RuntimeError(f"The stream broke off: {heard!r}")
        heard = line
        if speaks(line):
            first = first or time.perf_counter() - started
            words += 1
    writer.close()
    return Times(first, time.perf_counter() - started, words)


def speaks(line: bytes) -> bool:
    """Whether a chunk holds words."""
    return b'"content": "' in line and b'"content": ""' not in line


async def kill(address: tuple[str, int], number: int) -> None:
    """Read a word and reset the connection."""
    reader, writer = await opened(address, number)
    while not speaks(await reader.readline()):
        pass
    writer.transport.abort()


async def many(
    count: int, ramp: float, call: Callable[[int], Awaitable[Times]]
) -> tuple[Sequence[Times], State]:
    """All open at once, begun over `ramp` seconds, and the state in their middle."""

    async def begun(number: int) -> Times:
        await asyncio.sleep(ramp * number / count)
        return await call(number)

    running = [asyncio.ensure_future(begun(number)) for number in range(count)]
    await asyncio.sleep(ramp + FIRST_TOKEN + (TOKEN * WORDS - ramp) / 2)
    middle = await asyncio.to_thread(State.now)
    return await asyncio.gather(*running), middle


async def measured(address: tuple[str, int], console: Console) -> None:
    figures = Table("streams", "begun in", "first word", "p95", "whole", "p95", "model")
    states = Table("when", "MB", "threads", "sockets", "connections", "busy")
    await read(address, -1)
    show(states, "before", State.now())
    for count, ramp in ((1, 0.0), (STREAMS, RAMP), (STREAMS, 0.0)):
        times, middle = await many(count, ramp, lambda n: read(address, n))
        add(figures, str(count), ramp, times)
        show(states, f"during {count}", middle)
    await asyncio.sleep(2)
    show(states, "after", State.now())
    for start in range(0, KILLS, KILLED_AT_ONCE):
        numbers = range(start, start + KILLED_AT_ONCE)
        await asyncio.gather(*(kill(address, number) for number in numbers))
    await asyncio.sleep(2)
    show(states, f"after {KILLS} kills", State.now())
    times, _ = await many(STREAMS, RAMP, lambda n: read(address, n))
    add(figures, f"{STREAMS}, after the kills", RAMP, times)
    console.print(figures)
    console.print(states)


def add(table: Table, count: str, ramp: float, times: Sequence[Times]) -> None:
    first = np.percentile([one.first for one in times], [50, 95])
    total = np.percentile([one.total for one in times], [50, 95])
    own = np.median([one.models_own for one in times])
    figures = [f"{value:.2f} s" for value in (*first, *total)]
    table.add_row(count, f"{ramp} s", *figures, f"{FIRST_TOKEN} s, {own:.2f} s")


def show(table: Table, when: str, state: State) -> None:
    counts = (state.threads, state.sockets, state.connections, state.busy)
    table.add_row(when, f"{state.memory:.0f}", *map(str, counts))


def run(client: httpx.Client, console: Console) -> None:
    """On a server that answers by STAND_INS."""
    body = {"text": TEXT, "file_source": "radium.txt"}
    client.post("/documents/text", json=body).raise_for_status()
    live_server.settle(client, 1)
    url = client.base_url
    asyncio.run(measured((url.host, url.port or 80), console))
