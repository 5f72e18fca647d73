"""Build time of a graph without a language model.

`python -m tests.benchmarks.without_model PASSAGES FOLDER [number] [characters]`: embed
passages of PASSAGES (MuSiQue's `passages.json`) with the built-in model, then process
them as documents in a database under FOLDER. The ratio of the two durations is the cost
of the graph.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from tests.benchmarks import scratch


@dataclass(frozen=True, slots=True)
class Duration:
    """Elapsed time, and the CPU time of this process and of its PostgreSQL backend."""

    seconds: float
    cpu: float
    database_cpu: float = 0.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("passages", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("number", type=int, nargs="?", default=1000)
    parser.add_argument("characters", type=int, nargs="?", default=150)
    options = parser.parse_args()
    texts = read(options.passages, options.number, options.characters)
    server = scratch.use(options.folder / "postgres", f"without_model_{os.getpid()}")
    try:
        report(texts, embed(texts), build(texts))
    finally:
        server.cleanup()


def read(path: Path, number: int, characters: int) -> list[str]:
    """Return different passages, cut at a sentence end near this number of characters."""
    texts = []
    for passage in json.loads(path.read_text("utf-8")):
        text = f"{passage['title']}. {passage['text']}"
        end = text.find(". ", characters)
        texts.append(text if end < 0 else text[: end + 1])
    return list(dict.fromkeys(texts))[:number]


def embed(texts: Sequence[str]) -> Duration:
    """Embed the texts in this process, as a worker does."""
    from retrieval.llm.config import EmbeddingConfig
    from retrieval.llm.embeddings.local import LocalEmbedder

    model = LocalEmbedder(EmbeddingConfig())
    asyncio.run(model.embed_documents(texts[:8]))  # loads the model
    started, cpu = time.monotonic(), time.process_time()
    asyncio.run(model.embed_documents(texts))
    return Duration(time.monotonic() - started, time.process_time() - cpu)


def build(texts: Sequence[str]) -> Duration:
    """Process the texts as documents, in one worker process."""
    from django.conf import settings
    from django.db import connection

    from documents.models import Document, DocumentContent, Status
    from documents.pipeline import pipeline
    from documents.workspaces import lookup
    from graph.extraction.linguistic import english
    from retrieval.llm.config import ChatConfig, EmbeddingConfig

    settings.LIGHTRAG = replace(
        settings.LIGHTRAG,
        extract_llm=ChatConfig(),
        keyword_llm=ChatConfig(),
        query_llm=ChatConfig(),
        embedding=EmbeddingConfig(),
    )
    workspace = lookup.ensure("without_model")
    documents = Document.objects.bulk_create(
        Document(
            workspace=workspace,
            public_id=f"doc-{number:04}",
            name=f"{number:04}.txt",
            track_id="benchmark",
        )
        for number in range(len(texts))
    )
    DocumentContent.objects.bulk_create(
        DocumentContent(document=document, text=text)
        for document, text in zip(documents, texts, strict=True)
    )
    list(english.sentences("Ada met Babbage."))  # loads spaCy
    backend = backend_of(connection)
    started, cpu, before = time.monotonic(), time.process_time(), cpu_of(backend)
    pipeline.work(workspace.pk)
    duration = Duration(
        time.monotonic() - started,
        time.process_time() - cpu,
        cpu_of(backend) - before,
    )
    done = Document.objects.filter(workspace=workspace, status=Status.PROCESSED).count()
    if done < len(texts):
        raise RuntimeError(f"{done} of {len(texts)} documents were processed.")
    return duration


def backend_of(connection: Any) -> Any:
    import psutil

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return psutil.Process(cursor.fetchone()[0])


def cpu_of(process: Any) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def report(texts: Sequence[str], alone: Duration, built: Duration) -> None:
    from django.db import connection
    from rich.console import Console
    from rich.table import Table

    table = Table("step", "seconds", "CPU s", "PostgreSQL's CPU s", "ratio")
    for name, duration in (("embedding alone", alone), ("the whole graph", built)):
        table.add_row(
            name,
            f"{duration.seconds:.1f}",
            f"{duration.cpu:.1f}",
            f"{duration.database_cpu:.1f}",
            f"{duration.seconds / alone.seconds:.2f}",
        )
    with connection.cursor() as cursor:
        counts = []
        for kind in ("entity", "relation"):
            cursor.execute(f"SELECT count(*) FROM graph_{kind}")
            rows = cursor.fetchone()[0]
            cursor.execute(f"SELECT count(vector) FROM search_{kind}")
            counts.append(f"{rows} of kind {kind}, {cursor.fetchone()[0]} vectors")
    characters = sum(map(len, texts)) / len(texts)
    console = Console(width=100)
    console.print(f"{len(texts)} passages of {characters:.0f} characters", *counts)
    console.print(table)


main()
