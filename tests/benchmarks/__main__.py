"""Run the benchmarks: `python -m tests.benchmarks [prompts] [ingestion] [queries] [streams]
[pages] [graph] [memory]`.

The long ones run only if named: `hostile`, `limiter`, `bound [passages]`,
`beside_lightrag [passages]`, `mixed [seconds]`,
`writers [seconds]`, `workspaces [workspaces] [documents] [chunks]`, and
`crash [kills] [passages]`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from rich.console import Console

from tests import live_server
from tests.benchmarks import (
    beside_lightrag,
    bound,
    crash,
    graph_page,
    hostile,
    ingestion,
    limiter,
    memory,
    mixed,
    pages,
    prompts,
    queries,
    streams,
    workspaces,
    writers,
)

STAND_INS = {
    "LLM_BINDING": "fake",
    "EMBEDDING_BINDING": "fake",
    "FAKE_LLM_LATENCY": "0.02",
    "LOG_LEVEL": "WARNING",
}

LONG: dict[str, Callable[[Console, list[int]], None]] = {
    "hostile": lambda console, _: hostile.run(console, STAND_INS),
    "limiter": lambda console, _: limiter.run(console),
    "bound": lambda console, numbers: bound.run(console, *numbers),
    "beside_lightrag": lambda console, numbers: beside_lightrag.run(console, *numbers),
    "mixed": lambda console, numbers: mixed.run(console, *(numbers or [600])),
    "writers": lambda console, numbers: writers.run(console, *(numbers or [60])),
    "workspaces": lambda console, numbers: workspaces.run(console, *numbers),
    "crash": lambda console, numbers: crash.run(
        console, *(*numbers, *(5, 300)[len(numbers) :])
    ),
}


OWN_SERVER: dict[str, Callable[[Console], None]] = {
    "streams": streams.run,
    "pages": pages.run,
    "graph": graph_page.run,
    "memory": memory.run,
}


def main(arguments: list[str]) -> None:
    console = Console(width=100)
    if not arguments or "prompts" in arguments:
        prompts.run(console)
    for name, run in (("ingestion", ingestion.run), ("queries", queries.run)):
        if not arguments or name in arguments:
            with live_server.running(STAND_INS) as client:
                run(client, console)
    for name, measure in OWN_SERVER.items():
        if not arguments or name in arguments:
            measure(console)
    numbers = [int(word) for word in arguments if word.isdigit()]
    for name in arguments:
        if name in LONG:
            LONG[name](console, numbers)


main(sys.argv[1:])
