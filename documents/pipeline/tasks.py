"""Celery's doors to ingestion. A message is only a call to look: what is to be done
stands in the database, so a lost message costs time and a doubled one nothing."""

from __future__ import annotations

from celery import shared_task

from documents.pipeline import pipeline
from documents.pipeline.leases import workspaces_with_work
from documents.workspaces import notify
from retrieval.index import bm25_recovery


@shared_task(name="documents.pipeline.tasks.ingest_all")
def ingest_all() -> int:
    """Ingest what waits, in whichever workspace."""
    return pipeline.work(call_help=notify.send)


@shared_task(name="documents.pipeline.tasks.sweep")
def sweep() -> bool:
    """Call a worker if anything waits that nobody has in hand; whether it did.

    A PostgreSQL that was started meanwhile is told to find words again.
    """
    bm25_recovery.wake()
    waiting = bool(workspaces_with_work())
    if waiting:
        notify.send()
    return waiting
