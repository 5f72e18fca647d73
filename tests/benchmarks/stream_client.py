"""A process that reads many streams at once.

`python -m tests.benchmarks.stream_client` reads a JSON `Load` from standard input and
prints a JSON list of `Times`.
"""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import uvloop

WORD = b"word"


@dataclass(frozen=True, slots=True)
class Load:
    """`count` requests started over `ramp` seconds; `body` is the JSON of each.

    With `kill`, each connection is reset at its first word.
    """

    port: int
    path: str
    body: dict[str, Any]
    count: int
    ramp: float = 0.0
    kill: bool = False

    def start(self) -> subprocess.Popen[bytes]:
        """Start a process that sends the requests."""
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.benchmarks.stream_client"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert process.stdin is not None
        process.stdin.write(json.dumps(asdict(self)).encode())
        process.stdin.close()
        process.stdin = None
        return process


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds from the request to its first word and to its end, and the words read."""

    first: float
    total: float
    words: int


def results(process: subprocess.Popen[bytes]) -> Sequence[Times]:
    """Wait for a started load and return its times."""
    output, _ = process.communicate()
    return [Times(**fields) for fields in json.loads(output)]


async def read(load: Load, number: int) -> Times:
    await asyncio.sleep(load.ramp * number / load.count)
    started = time.perf_counter()
    reader, writer = await asyncio.open_connection("127.0.0.1", load.port)
    writer.write(request(load, number))
    first, words, tail, head = 0.0, 0, b"", b""
    while part := await reader.read(65536):
        head = head or part[:300]
        count = (tail + part).count(WORD)
        words += count
        tail = part[-len(WORD) + 1 :]
        if count and not first:
            first = time.perf_counter() - started
            if load.kill:
                writer.transport.abort()
                break
    writer.close()
    if not words:
        raise RuntimeError(f"No word in {head!r}")
    return Times(first, time.perf_counter() - started, words)


def request(load: Load, number: int) -> bytes:
    """Return a request whose question is unique, so that no cache answers it."""
    body = json.dumps(load.body).replace("NUMBER", str(number)).encode()
    head = (
        f"POST {load.path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def main(load: Load) -> None:
    numbers = range(load.count)
    times = await asyncio.gather(*(read(load, number) for number in numbers))
    sys.stdout.write(json.dumps([asdict(item) for item in times]))


if __name__ == "__main__":
    uvloop.run(main(Load(**json.load(sys.stdin))))
