"""Run the benchmarks: `python -m tests.benchmarks [prompts] [ingestion] [queries] [streams]
[graph]`.

Long, and so only when named: `limiter`, and `crash [kills] [passages]`.
"""

from __future__ import annotations

import sys

from rich.console import Console

from tests import live_server
from tests.benchmarks import (
    crash,
    graph_page,
    ingestion,
    limiter,
    prompts,
    queries,
    streams,
)

STAND_INS = {
    "LLM_BINDING": "fake",
    "EMBEDDING_BINDING": "fake",
    "FAKE_LLM_LATENCY": "0.02",
    "LOG_LEVEL": "WARNING",
}


def main(wanted: list[str]) -> None:
    console = Console(width=100)
    if not wanted or "prompts" in wanted:
        prompts.run(console)
    for name, run in (("ingestion", ingestion.run), ("queries", queries.run)):
        if not wanted or name in wanted:
            with live_server.running(STAND_INS) as client:
                run(client, console)
    if not wanted or "streams" in wanted:
        streams.run(console)
    if not wanted or "graph" in wanted:
        graph_page.run(console)
    if "limiter" in wanted:
        limiter.run(console)
    if "crash" in wanted:
        crash.run(console, *numbers(wanted))


def numbers(wanted: list[str]) -> tuple[int, int]:
    """Kills and passages."""
    given = [int(word) for word in wanted if word.isdigit()]
    kills, passages = (*given, *(5, 300)[len(given) :])
    return kills, passages


main(sys.argv[1:])
