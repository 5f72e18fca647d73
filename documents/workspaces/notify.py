"""Notify the workers that the database holds work for them.

A notification carries no data: workers read the work from the database. A lost
notification delays the work until the next sweep; a repeated one has no effect.
"""

from __future__ import annotations

import logging

from celery import current_app
from django.db import transaction
from kombu.exceptions import OperationalError

INGEST_TASK = "documents.pipeline.tasks.ingest_all"
"""The name of the task, because an import would load the pipeline."""

logger = logging.getLogger(__name__)


def notify_workers() -> None:
    """Queue a notification once the current transaction is committed."""
    transaction.on_commit(send)


def send() -> None:
    """Queue a notification now. Without a broker, the next sweep finds the work."""
    try:
        current_app.send_task(INGEST_TASK, retry=False)
    except OperationalError as error:
        logger.warning(
            "The workers were not notified, because the broker failed: %s", error
        )
