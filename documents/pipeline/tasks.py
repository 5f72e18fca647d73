"""Celery's doors to ingestion. A message is only a call to look: what is to be done
stands in the database, so a lost message costs time and a doubled one nothing."""

from __future__ import annotations

import logging

from celery import shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from documents.pipeline import pipeline
from documents.pipeline.leases import workspaces_with_work
from retrieval.index import bm25_recovery

logger = logging.getLogger(__name__)


@shared_task(name="documents.pipeline.tasks.ingest_all")
def ingest_all() -> int:
    """Ingest what waits, in whichever workspace."""
    return pipeline.work(call_help=send)


@shared_task(name="documents.pipeline.tasks.sweep")
def sweep() -> bool:
    """Call a worker if anything waits that nobody has in hand; whether it did.

    A PostgreSQL that was started meanwhile is told to find words again.
    """
    bm25_recovery.wake()
    waiting = bool(workspaces_with_work())
    if waiting:
        send()
    return waiting


def wake() -> None:
    """Call a worker once this transaction is committed."""
    transaction.on_commit(send)


def send() -> None:
    """Queue the call. Without a broker it is left to the next sweep."""
    try:
        ingest_all.apply_async(retry=False)
    except OperationalError as error:
        logger.warning("No broker to call a worker with: %s", error)
