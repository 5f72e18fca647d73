"""Measure the deletion of one document among 57,000 relations, and then of all documents.

Run `python -m tests.benchmarks.deletion FOLDER`. Each run builds the graph with the real
merge, which takes minutes; every third chunk also mentions one hub. A deletion must not
call a model: the configured one counts its calls.
"""

from __future__ import annotations

import os
import random
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from tests.benchmarks import scratch

if TYPE_CHECKING:
    from documents.models import Document, Workspace

ENTITIES, DOCUMENTS, CHUNKS, FACTS, LARGE = 10_000, 420, 10, 10, 200
ROUNDS = 7


def main() -> None:
    server = scratch.use(Path(sys.argv[1]) / "postgres", "deletion")
    try:
        _run()
    finally:
        server.cleanup()


def _run() -> None:
    from django.conf import settings
    from rich.console import Console
    from rich.table import Table

    from documents.lifecycle import document_deletion
    from documents.models import Workspace
    from tests.models import FakeModels

    models = FakeModels()
    settings.LIGHTRAG = models.configure(settings.LIGHTRAG)
    Workspace.objects.filter(name="deletion").delete()
    workspace = Workspace.objects.create(
        name="deletion", embedding_model="fake:hash", embedding_dimensions=64
    )
    chance = random.Random(0)
    kinds = {
        f"{CHUNKS} passages, none about the hub": (CHUNKS, 0.0),
        f"{CHUNKS} passages, all about the hub": (CHUNKS, 1.0),
        f"{LARGE} passages, a third about the hub": (LARGE, 0.33),
    }
    for _ in range(DOCUMENTS):
        _add(workspace, chance, CHUNKS, 0.33)
    measured = {
        kind: [_add(workspace, chance, *how) for _ in range(ROUNDS)]
        for kind, how in kinds.items()
    }
    _embed(workspace)
    size = f"{workspace.entities.count():,} entities, {workspace.relations.count():,} relations"
    table = Table("a document of", "median ms", "longest ms", "statements", title=size)
    for kind, documents in measured.items():
        took = [_delete(workspace, document) for document in documents]
        times = [milliseconds for milliseconds, _ in took]
        numbers = (f"{statistics.median(times):.0f}", f"{max(times):.0f}")
        table.add_row(kind, *numbers, str(max(count for _, count in took)))
    everything = f"all {workspace.documents.count()} documents"
    milliseconds, statements = _count(lambda: document_deletion.clear(workspace))
    table.add_row(everything, *[f"{milliseconds:.0f}"] * 2, str(statements))
    Console(width=100).print(table, f"Calls of a model: {models.chat.calls}")


def _add(
    workspace: Workspace, chance: random.Random, chunks: int, hub: float
) -> Document:
    """Create and merge a document whose chunks mention entities and relations."""
    from django.db import transaction

    from documents.models import Chunk, Document, Status
    from documents.workspaces import locks
    from graph.merging import merge
    from graph.models import ChunkExtraction
    from tests.library import md5

    number = workspace.documents.count()
    document = Document.objects.create(
        workspace=workspace,
        public_id=f"doc-{md5(str(number))}",
        name=f"{number}.txt",
        track_id="t",
        status=Status.PROCESSED,
        chunks_count=chunks,
    )
    rows = Chunk.objects.bulk_create(
        Chunk(
            workspace=workspace,
            document=document,
            order=order,
            content=f"Passage {order} of {number}.",
            tokens=10,
            content_hash=md5(f"{number} {order}"),
        )
        for order in range(chunks)
    )
    ChunkExtraction.objects.bulk_create(
        ChunkExtraction(chunk=row, records=_records(chance, hub), model="made up")
        for row in rows
    )
    with transaction.atomic():
        locks.lock_and_invalidate(workspace.pk)
        merge.run(workspace.pk, [row.pk for row in rows])
    return document


def _records(chance: random.Random, hub: float) -> dict[str, Any]:
    pairs = [chance.sample(range(ENTITIES), 2) for _ in range(FACTS)]
    ends = [(f"Entity {first}", f"Entity {second}") for first, second in pairs]
    if chance.random() < hub:
        ends[0] = ("The hub", ends[0][1])
    names = {name for pair in ends for name in pair}
    description = f"is described by the number {chance.random()}"
    return {
        "entities": [
            {"name": name, "type": "thing", "description": f"{name} {description}."}
            for name in sorted(names)
        ],
        "relationships": [
            {
                "source": source,
                "target": target,
                "keywords": "next to",
                "description": f"{source} {description} beside {target}.",
            }
            for source, target in ends
        ],
    }


def _embed(workspace: Workspace) -> None:
    from django.db import connection

    from documents.pipeline.steps import embed_graph
    from retrieval.llm import event_loop

    for job in embed_graph.vector_jobs(workspace.pk, None):
        job.store([(job, event_loop.run(job.run()))])
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _delete(workspace: Workspace, document: Document) -> tuple[float, int]:
    from documents.lifecycle import document_deletion as lifecycle_document_deletion

    return _count(
        lambda: lifecycle_document_deletion.delete_documents(
            workspace, [document.public_id]
        )
    )


def _count(act: Callable[[], object]) -> tuple[float, int]:
    """Return the milliseconds and the number of statements of an action."""
    from django.db import connection

    count = 0

    def counted(execute: Any, *call: Any) -> Any:
        nonlocal count
        count += 1
        return execute(*call)

    with connection.execute_wrapper(counted):
        began = time.perf_counter()
        act()
        return (time.perf_counter() - began) * 1000, count


if __name__ == "__main__":
    main()
