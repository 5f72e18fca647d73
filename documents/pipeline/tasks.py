"""Celery tasks of ingestion.

A message contains no data: a worker reads the work from the database. So a lost message
only delays the work, and a repeated one has no effect (docs/adr/0011).
"""

from __future__ import annotations

import os

from celery import Task, shared_task

from documents.pipeline import maintenance, pipeline
from documents.pipeline.leases import has_work
from documents.pipeline.shutdown import stop_requested
from documents.workspaces import workers


@shared_task(name="documents.pipeline.tasks.ingest_all", bind=True)
def ingest_all(self: Task[[], int]) -> int:
    """Process the queued documents of all workspaces; return how many."""
    return pipeline.work(
        notify_others=workers.send,
        worker=f"{self.request.hostname or ''}/{os.getpid()}",
        should_stop=stop_requested.is_set,
        maintain=lambda: maintenance.start(stop_requested.is_set),
    )


@shared_task(name="documents.pipeline.tasks.sweep")
def sweep() -> bool:
    """Notify a worker if unfinished documents have no lease; return whether there are any.

    Also start maintenance.
    """
    maintenance.start(stop_requested.is_set)
    waiting = has_work()
    if waiting:
        workers.send()
    return waiting
