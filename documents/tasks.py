"""Celery's doors to ingestion. A message is only a call to look: what is to be done
stands in the database, so a lost message costs time and a doubled one nothing."""

from __future__ import annotations

import logging

from celery import shared_task
from django.db import transaction
from kombu.exceptions import OperationalError

from documents import ingest
from documents.claims import workspaces_with_work

logger = logging.getLogger(__name__)


@shared_task(name="documents.tasks.ingest_workspace")
def ingest_workspace(workspace_id: int) -> int:
    """Ingest what waits in a workspace."""
    return ingest.work(workspace_id)


@shared_task(name="documents.tasks.sweep")
def sweep() -> int:
    """Wake a worker for every workspace where something waits that nobody has in hand."""
    waiting = workspaces_with_work()
    for workspace_id in waiting:
        send(workspace_id)
    return len(waiting)


def wake(workspace_id: int) -> None:
    """Call workers to a workspace once this transaction is committed."""
    transaction.on_commit(lambda: send(workspace_id))


def send(workspace_id: int) -> None:
    """Queue the call. Without a broker it is left to the next sweep."""
    try:
        ingest_workspace.apply_async((workspace_id,), retry=False)
    except OperationalError as error:
        logger.warning("No broker to call a worker with: %s", error)
