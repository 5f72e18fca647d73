"""Search in a large workspace: `python -m tests.benchmarks.scale FOLDER [--chunks N]`.

The first run creates a workspace of N chunks and N entities in a database under FOLDER
and prints the duration of each step. Then questions are searched one after the other in
each mode; the output is milliseconds, the recall of the vector indexes against exact
search, the size of tables and indexes, the milliseconds of mode mix by step and by
statement, and the memory of a question. `--plans` shows the plans of one question.
"""

from __future__ import annotations

import argparse
import os
import re
import time
import tracemalloc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from tests.benchmarks import scratch

WARM_UP, QUESTIONS, RECALL_QUESTIONS = 30, 200, 20
LONG_VALUE = re.compile(r"'[^']{60,}'")
"""A value in a plan that is left out, such as a list of ids."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--chunks", type=int, default=100_000)
    parser.add_argument("--dimensions", type=int, default=384)
    parser.add_argument("--questions", type=int, default=QUESTIONS)
    parser.add_argument("--plans", action="store_true")
    options = parser.parse_args()
    server = scratch.use(options.folder / "postgres", f"scale_{options.chunks}")
    try:
        _run(options)
    finally:
        server.cleanup()


def _run(options: argparse.Namespace) -> None:
    from django.conf import settings
    from rich.console import Console

    from retrieval.llm.config import ChatConfig, EmbeddingConfig
    from retrieval.llm.testing.fake import FakeEmbedder
    from tests.benchmarks import large

    embedding = EmbeddingConfig(
        "fake",
        "hash",
        dimensions=options.dimensions,
        options={"embedder": FakeEmbedder(options.dimensions)},
    )
    settings.LIGHTRAG = replace(
        settings.LIGHTRAG, embedding=embedding, keyword_llm=ChatConfig()
    )
    console = Console(width=120)
    corpus = large.Corpus(options.chunks, options.dimensions)
    workspace = large.load("large", corpus, console.print)
    numbers = range(WARM_UP + options.questions)
    questions = [_question(workspace.pk, corpus, number) for number in numbers]
    if options.plans:
        _show_plans(console, questions[0])
        return
    _show_sizes(console)
    _show_recall(console, questions[:RECALL_QUESTIONS])
    _show_modes(console, questions)
    _show_memory(console, questions[:WARM_UP])
    whole: list[float] = []
    steps: dict[str, list[float]] = {}
    for index, question in enumerate(questions):
        with _timed_statements() as statements:
            started = time.perf_counter()
            _search(question)
            took = (time.perf_counter() - started) * 1000
        if index >= WARM_UP:
            whole.append(took)
            for number, (name, duration) in enumerate(statements):
                steps.setdefault(f"{number} {name}", []).append(duration)
            steps.setdefault("python", []).append(took - sum(t for _, t in statements))
    _show(console, {"mix": whole, **steps})


def _search(question: Any) -> None:
    from retrieval.search import modes

    modes.find(question)


def _question(workspace: int, corpus: Any, number: int) -> Any:
    from django.conf import settings

    from retrieval.index import search_rows
    from retrieval.search import params
    from retrieval.search.params import Mode, QueryParams
    from retrieval.search.question import Keywords, Question, Vectors

    text = corpus.question(number)
    vector = search_rows.vector_text(corpus.question_vector(number))
    return Question(
        workspace_id=workspace,
        model=settings.LIGHTRAG.embedding.label,
        dimensions=corpus.dimensions,
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

    statements: list[tuple[str, float]] = []

    def timed(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            statements.append((_name(sql), (time.perf_counter() - started) * 1000))

    with connection.execute_wrapper(timed):
        yield statements


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
                    short = LONG_VALUE.sub("'…'", line)
                    console.print(short, markup=False, highlight=False, soft_wrap=True)
        return execute(sql, params, many, context)

    _search(question)
    with connection.execute_wrapper(explained):
        _search(question)


def _show_modes(console: Any, questions: Sequence[Any]) -> None:
    """Print milliseconds by mode."""
    from retrieval.search.params import Mode

    durations: dict[str, list[float]] = {}
    for mode in (Mode.NAIVE, Mode.LOCAL, Mode.GLOBAL, Mode.HYBRID, Mode.MIX):
        for question in questions:
            started = time.perf_counter()
            _search(replace(question, mode=mode))
            took = (time.perf_counter() - started) * 1000
            durations.setdefault(mode.value, []).append(took)
    _show(console, {mode: took[WARM_UP:] for mode, took in durations.items()})


def _show_recall(console: Any, questions: Sequence[Any]) -> None:
    """Print the share of the ten nearest rows that the vector indexes find."""
    from retrieval.search import retrievers, search_transaction

    by_vector = (retrievers.ENTITIES[0], retrievers.RELATIONS[0], retrievers.CHUNKS[0])
    for retriever in by_vector:
        shares = []
        for question in questions:
            with search_transaction.begin(question) as prepared:
                statement = retrievers.statement(prepared, [retriever])
                values = retrievers.values(prepared)
                nearest = search_transaction.fetch(statement, values)
                search_transaction.fetch(
                    "SELECT set_config('enable_indexscan', 'off', true)", {}
                )
                exact = search_transaction.fetch(statement, values)
            best = sorted((row[3] for row in exact), reverse=True)[:10]
            shares.append(sum(row[3] >= best[-1] for row in nearest) / 10)
        share = min(sum(shares) / len(shares), 1.0)
        console.print(f"recall@10 of {retriever.kind} vectors: {share:.3f}")


def _show_sizes(console: Any) -> None:
    """Print the size of the search tables and of their indexes."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname, pg_size_pretty(pg_table_size(oid)) FROM pg_class"
            " WHERE relname LIKE 'search_%%' AND pg_table_size(oid) > 1000000"
            " ORDER BY pg_table_size(oid) DESC"
        )
        for name, size in cursor.fetchall():
            console.print(f"{name}: {size}")
        cursor.execute("SELECT pg_size_pretty(pg_database_size(current_database()))")
        console.print(f"database: {cursor.fetchone()[0]}")


def _show_memory(console: Any, questions: Sequence[Any]) -> None:
    """Print Python's peak memory per search, and the memory its backend keeps."""
    import psutil
    from django.db import connection

    peaks = []
    _search(questions[0])  # loads what later searches reuse
    for question in questions:
        tracemalloc.start()
        _search(question)
        peaks.append(tracemalloc.get_traced_memory()[1] / 2**20)
        tracemalloc.stop()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    megabytes = psutil.Process(pid).memory_full_info().uss / 2**20
    console.print(
        f"Memory of a question: Python's peak is {max(peaks):.1f} MB; its PostgreSQL "
        f"backend keeps {megabytes:.0f} MB."
    )


def _show(console: Any, measured: dict[str, Sequence[float]]) -> None:
    import numpy as np
    from rich.table import Table

    table = Table("step", "p50 ms", "p95 ms")
    for name, durations in measured.items():
        p50, p95 = np.percentile(durations, (50, 95))
        table.add_row(name, f"{p50:.1f}", f"{p95:.1f}")
    console.print(table)


main()
