"""Two hundred streams at once on one web process, and five hundred that are killed.

Model, server and reader are processes of their own. The model is read without a server
between as well: that is what the server's times are held against. Where
LIGHTRAG_UPSTREAM_PYTHON names a Python that has `lightrag-hku[api]`, its server is put
under the same load.
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
from tests.benchmarks import stream_upstream, upstream
from tests.benchmarks.stream_client import Load, Times, ended

STREAMS = 200
KILLS = 500
KILLED_AT_ONCE = 50
FIRST_TOKEN = 0.5
TOKEN = 0.02
TOKENS = 300
RAMP = 4.0
"""Seconds over which the streams begin; each lasts longer, so all are open at once."""
QUESTION = {"role": "user", "content": "Who discovered radium? (NUMBER)"}
ASKED: dict[str, Any] = {"stream": True, "messages": [QUESTION]}
CHAT = "/v1/chat/completions"
TEXT = "Marie Curie discovered radium in Paris."


@dataclass(frozen=True, slots=True)
class State:
    """Of the web process and its database connections; `cpu` is in seconds."""

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
            one for one in children if "lightrag_site.serving.web" in command(one)
        ]
        titles = [command(one) for one in children]
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
    """The port of a model that streams."""
    port = live_server.free_port()
    told = map(str, (port, FIRST_TOKEN, TOKEN, TOKENS))
    model = subprocess.Popen(
        [sys.executable, "-m", "tests.benchmarks.stream_model", *told]
    )
    try:
        time.sleep(1)
        yield port
    finally:
        model.terminate()
        model.wait()


def variables(model: int) -> dict[str, str]:
    """A server whose answers come from that model, by OpenAI's API."""
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
    """Two tables, filled as the measurements come."""

    def __init__(self) -> None:
        self.figures = Table(
            "streams", "begun in", "first word", "p95", "whole", "p95", "µs/token"
        )
        self.states = Table("when", "MB", "threads", "sockets", "connections", "busy")

    def add(
        self, what: str, load: Load, times: Sequence[Times], cpu: float = 0.0
    ) -> None:
        first = np.percentile([one.first for one in times], [50, 95])
        total = np.percentile([one.total for one in times], [50, 95])
        figures = [f"{value:.3f} s" for value in (*first, *total)]
        spent = cpu / sum(one.words for one in times) * 1e6
        named = f"{load.count}, {what}"
        shown = f"{spent:.0f}" if cpu else ""
        self.figures.add_row(named, f"{load.ramp} s", *figures, shown)

    def show(self, when: str, state: State) -> None:
        counts = (state.threads, state.sockets, state.connections, state.busy)
        self.states.add_row(when, f"{state.memory:.0f}", *map(str, counts))


def measure(report: Report, what: str, load: Load, *, ours: bool = False) -> None:
    """One load, the server's state in its middle and what it cost the processor."""
    before = State.now().cpu if ours else 0.0
    process = load.begun()
    if ours:
        time.sleep(load.ramp + FIRST_TOKEN + (TOKEN * TOKENS - load.ramp) / 2)
        report.show(f"during {load.count}, {what}", State.now())
    times = ended(process)
    report.add(what, load, times, State.now().cpu - before if ours else 0.0)


def measure_ours(report: Report, port: int, model: int) -> None:
    body = ASKED | {"model": "LightRAG"}
    ended(Load(port, CHAT, body, 1).begun())
    report.show("before", State.now())
    for count, ramp in ((1, 0.0), (STREAMS, RAMP), (STREAMS, 0.0)):
        measure(report, "the model alone", Load(model, CHAT, ASKED, count, ramp))
        measure(report, "here", Load(port, CHAT, body, count, ramp), ours=True)
    time.sleep(2)
    report.show("after", State.now())
    for _ in range(0, KILLS, KILLED_AT_ONCE):
        ended(Load(port, CHAT, body, KILLED_AT_ONCE, kill=True).begun())
    time.sleep(2)
    report.show(f"after {KILLS} kills", State.now())
    measure(report, "here, after the kills", Load(port, CHAT, body, STREAMS, RAMP))


def measure_upstream(report: Report, model: int) -> None:
    """The same questions over upstream's only door for chats, without its graph."""
    python = upstream.python()
    if not python:
        return
    question = QUESTION | {"content": f"/naive {QUESTION['content']}"}
    body = ASKED | {"model": "lightrag:latest", "messages": [question]}
    with stream_upstream.running(python, model, TEXT) as port:
        ended(Load(port, "/api/chat", body, 1).begun())
        for ramp in (RAMP, 0.0):
            load = Load(port, "/api/chat", body, STREAMS, ramp)
            measure(report, "upstream", load)


def run(console: Console) -> None:
    report = Report()
    with stand_in() as model:
        with live_server.running(variables(model)) as client:
            fill(client)
            measure_ours(report, client.base_url.port or 80, model)
        measure_upstream(report, model)
    console.print(report.figures)
    console.print(report.states)


def fill(client: httpx.Client) -> None:
    body = {"text": TEXT, "file_source": "radium.txt"}
    client.post("/documents/text", json=body).raise_for_status()
    live_server.settle(client, 1)
