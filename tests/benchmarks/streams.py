"""Two hundred concurrent streams of one web process, and five hundred that are killed.

Model, server and client are separate processes. The model is also read directly, for
comparison. If LIGHTRAG_SERVER_PYTHON names a Python with `lightrag-hku[api]`, LightRAG's
server gets the same load.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import numpy as np
import psutil
from rich.console import Console
from rich.table import Table

from tests import live_server
from tests.benchmarks import lightrag_server, stream_lightrag
from tests.benchmarks.stream_client import Load, Times, results

STREAMS = 200
KILLS = 500
KILLED_AT_ONCE = 50
FIRST_TOKEN = 0.5
TOKEN = 0.02
TOKENS = 300
RAMP = 4.0
"""Seconds over which the streams start; each lasts longer, so all are open at once."""
QUESTION = {"role": "user", "content": "Who discovered radium? (NUMBER)"}
REQUEST: dict[str, Any] = {"stream": True, "messages": [QUESTION]}
CHAT = "/v1/chat/completions"
TEXT = "Marie Curie discovered radium in Paris."


@dataclass(frozen=True, slots=True)
class State:
    """Resources of the web process: MB, CPU seconds, and its database connections."""

    memory: float
    cpu: float
    threads: int
    sockets: int
    connections: int
    busy: int

    @classmethod
    def now(cls) -> State:
        children = psutil.Process().children(recursive=True)
        (web,) = [
            child for child in children if "lightrag_site.serving.web" in command(child)
        ]
        titles = [command(child) for child in children]
        backends = [title for title in titles if "[local]" in title]
        return cls(
            web.memory_info().rss / 2**20,
            sum(web.cpu_times()[:2]),
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


@contextmanager
def stand_in() -> Iterator[int]:
    """Run a model that streams; yield its port."""
    port = live_server.free_port()
    arguments = map(str, (port, FIRST_TOKEN, TOKEN, TOKENS))
    model = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.stream_model", *arguments]
    )
    try:
        time.sleep(1)
        yield port
    finally:
        model.terminate()
        model.wait()


def variables(model: int) -> dict[str, str]:
    """Return settings of a server that answers with the model on port `model`."""
    return {
        "LLM_BINDING": "fake",
        "QUERY_LLM_BINDING": "openai",
        "QUERY_LLM_MODEL": "stand-in",
        "QUERY_LLM_BINDING_HOST": f"http://127.0.0.1:{model}/v1",
        "QUERY_LLM_BINDING_API_KEY": "none",
        "MAX_ASYNC_LLM": "1000",
        "EMBEDDING_BINDING": "fake",
        "ENABLE_LLM_CACHE": "false",
        "COSINE_THRESHOLD": "0.01",
        "LOG_LEVEL": "WARNING",
    }


class Report:
    """Tables of the times and of the web process's resources."""

    def __init__(self) -> None:
        self.figures = Table(
            "streams", "started in", "first word", "p95", "whole", "p95", "µs/token"
        )
        self.states = Table("when", "MB", "threads", "sockets", "connections", "busy")

    def add(
        self, name: str, load: Load, times: Sequence[Times], cpu: float = 0.0
    ) -> None:
        first = np.percentile([item.first for item in times], [50, 95])
        total = np.percentile([item.total for item in times], [50, 95])
        figures = [f"{value:.3f} s" for value in (*first, *total)]
        per_token = cpu / sum(item.words for item in times) * 1e6
        self.figures.add_row(
            f"{load.count}, {name}",
            f"{load.ramp} s",
            *figures,
            f"{per_token:.0f}" if cpu else "",
        )

    def show(self, when: str, state: State) -> None:
        counts = (state.threads, state.sockets, state.connections, state.busy)
        self.states.add_row(when, f"{state.memory:.0f}", *map(str, counts))


def measure(report: Report, name: str, load: Load, *, ours: bool = False) -> None:
    """Add one load, and of our server its state at half time and its CPU time."""
    before = State.now().cpu if ours else 0.0
    process = load.start()
    if ours:
        time.sleep(load.ramp + FIRST_TOKEN + (TOKEN * TOKENS - load.ramp) / 2)
        report.show(f"during {load.count}, {name}", State.now())
    times = results(process)
    report.add(name, load, times, State.now().cpu - before if ours else 0.0)


def measure_ours(report: Report, port: int, model: int) -> None:
    body = REQUEST | {"model": "LightRAG"}
    results(Load(port, CHAT, body, 1).start())
    report.show("before", State.now())
    for count, ramp in ((1, 0.0), (STREAMS, RAMP), (STREAMS, 0.0)):
        measure(report, "model only", Load(model, CHAT, REQUEST, count, ramp))
        measure(report, "server", Load(port, CHAT, body, count, ramp), ours=True)
    time.sleep(2)
    report.show("after", State.now())
    for _ in range(0, KILLS, KILLED_AT_ONCE):
        results(Load(port, CHAT, body, KILLED_AT_ONCE, kill=True).start())
    time.sleep(2)
    report.show(f"after {KILLS} kills", State.now())
    measure(report, "server, after the kills", Load(port, CHAT, body, STREAMS, RAMP))


def measure_lightrag(report: Report, model: int) -> None:
    """Send the same questions to LightRAG's /api/chat, without its graph."""
    python = lightrag_server.python()
    if not python:
        return
    question = QUESTION | {"content": f"/naive {QUESTION['content']}"}
    body = REQUEST | {"model": "lightrag:latest", "messages": [question]}
    with stream_lightrag.running(python, model, TEXT) as port:
        results(Load(port, "/api/chat", body, 1).start())
        for ramp in (RAMP, 0.0):
            load = Load(port, "/api/chat", body, STREAMS, ramp)
            measure(report, "LightRAG", load)


def run(console: Console) -> None:
    report = Report()
    with stand_in() as model:
        with live_server.running(variables(model)) as client:
            fill(client)
            measure_ours(report, client.base_url.port or 80, model)
        measure_lightrag(report, model)
    console.print(report.figures)
    console.print(report.states)


def fill(client: httpx.Client) -> None:
    body = {"text": TEXT, "file_source": "radium.txt"}
    client.post("/documents/text", json=body).raise_for_status()
    live_server.settle(client, 1)
