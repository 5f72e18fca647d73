"""How long `mix` takes in a large workspace: `python -m tests.benchmarks.scale FOLDER`.

Makes the workspace in a database under FOLDER the first time (ten minutes), asks 200
questions one after the other, and shows milliseconds by step and by statement, and what
one question takes of memory. `--plans` shows the plan of each statement of one question.
"""

from __future__ import annotations

import argparse
import os
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from tests.benchmarks import scratch

WARMING, ASKED = 30, 200


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--plans", action="store_true")
    asked = parser.parse_args()
    server = scratch.use(asked.folder / "postgres", "scale")
    try:
        _run(plans=asked.plans)
    finally:
        server.cleanup()


def _run(*, plans: bool) -> None:
    from django.conf import settings
    from rich.console import Console

    from retrieval.llm.config import ChatConfig, EmbeddingConfig
    from retrieval.llm.testing.fake import FakeEmbedder
    from tests.benchmarks import large

    embedding = EmbeddingConfig(
        "fake",
        "hash",
        dimensions=large.DIMENSIONS,
        options={"embedder": FakeEmbedder(large.DIMENSIONS)},
    )
    settings.LIGHTRAG = replace(
        settings.LIGHTRAG, embedding=embedding, keyword_llm=ChatConfig()
    )
    corpus = large.Corpus()
    workspace = large.load("large", corpus)
    questions = [_question(workspace.pk, corpus, n) for n in range(WARMING + ASKED)]
    console = Console(width=120)
    if plans:
        _show_plans(console, questions[0])
        return
    _show_memory(console, questions[:WARMING])
    whole: list[float] = []
    steps: dict[str, list[float]] = {}
    for place, question in enumerate(questions):
        with _timed_statements() as spent:
            started = time.perf_counter()
            _look(question)
            took = (time.perf_counter() - started) * 1000
        if place >= WARMING:
            whole.append(took)
            for number, (name, one) in enumerate(spent):
                steps.setdefault(f"{number} {name}", []).append(one)
            steps.setdefault("python", []).append(took - sum(t for _, t in spent))
    _show(console, {"mix": whole, **steps})


def _look(question: Any) -> None:
    from retrieval.search import modes

    modes.look(question)


def _question(workspace: int, corpus: Any, number: int) -> Any:
    from django.conf import settings

    from retrieval.index import search_rows
    from retrieval.search import params
    from retrieval.search.params import Mode, QueryParams
    from retrieval.search.question import Keywords, Question, Vectors
    from tests.benchmarks import large

    text = corpus.question(number)
    vector = search_rows.vector_text(corpus.question_vector(number))
    return Question(
        workspace_id=workspace,
        model=settings.LIGHTRAG.embedding.label,
        dimensions=large.DIMENSIONS,
        text=text,
        mode=Mode.MIX,
        keywords=Keywords((text,), (text,)),
        vectors=Vectors(vector, vector, vector),
        limits=params.limits(QueryParams(text), settings.LIGHTRAG.query),
        candidates=20,
    )


@contextmanager
def _timed_statements() -> Iterator[list[tuple[str, float]]]:
    from django.db import connection

    spent: list[tuple[str, float]] = []

    def timed(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            spent.append((_name(sql), (time.perf_counter() - started) * 1000))

    with connection.execute_wrapper(timed):
        yield spent


def _name(statement: Any) -> str:
    text = statement if isinstance(statement, str) else statement.as_string(None)
    return " ".join(text.split())[:60]


def _show_plans(console: Any, question: Any) -> None:
    from django.db import connection

    def explained(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        text = sql if isinstance(sql, str) else sql.as_string(None)
        if text.lstrip().upper().startswith(("WITH", "SELECT", "(SELECT")):
            with connection.connection.cursor() as cursor:
                cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {text}", params)
                console.print(_name(sql), style="bold", markup=False)
                for (line,) in cursor.fetchall():
                    console.print(line[:200], markup=False, highlight=False)
        return execute(sql, params, many, context)

    _look(question)
    with connection.execute_wrapper(explained):
        _look(question)


def _show_memory(console: Any, questions: Sequence[Any]) -> None:
    """Python's peak while a question is answered, and what its backend keeps after."""
    import psutil
    from django.db import connection

    peaks = []
    _look(questions[0])  # what is loaded once is not a question's
    for question in questions:
        tracemalloc.start()
        _look(question)
        peaks.append(tracemalloc.get_traced_memory()[1] / 2**20)
        tracemalloc.stop()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    kept = psutil.Process(pid).memory_full_info().uss / 2**20
    console.print(
        f"Memory of a question: {max(peaks):.1f} MB of Python at the most; its "
        f"PostgreSQL backend has {kept:.0f} MB of its own."
    )


def _show(console: Any, measured: dict[str, Sequence[float]]) -> None:
    import numpy as np
    from rich.table import Table

    table = Table("what", "p50 ms", "p95 ms")
    for name, some in measured.items():
        half, most = np.percentile(some, (50, 95))
        table.add_row(name, f"{half:.1f}", f"{most:.1f}")
    console.print(table)


main()
