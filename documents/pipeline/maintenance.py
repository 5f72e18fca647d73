"""Maintenance that workers do beside ingestion, in one thread of each process.

It removes deleted workspaces, moves large ones to search tables of their own, and deletes
replaced indexes. The database records what is to be done, so another worker continues the
work of a killed one.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from threading import Lock, Thread

from django.db import connection

from documents.lifecycle import workspace_removal
from documents.pipeline.database_steps import CONNECTION_ERRORS
from graph.age import consistency
from graph.age.errors import CypherUnavailable
from retrieval.index import own_tables

INTERVAL_SECONDS = 10.0
"""Minimum time between two starts in a run."""
logger = logging.getLogger(__name__)
_is_running = Lock()


def start(should_stop: Callable[[], bool]) -> None:
    """Start the thread unless it runs. It ends with its process, or when it has finished."""
    if _is_running.acquire(blocking=False):
        Thread(target=_run, args=(should_stop,), daemon=True).start()


def _run(should_stop: Callable[[], bool]) -> None:
    try:
        work(should_stop)
    except CONNECTION_ERRORS as error:
        logger.warning("Maintenance was interrupted: %s", error)
    except Exception:
        logger.exception("Maintenance failed")
    finally:
        connection.close()
        _is_running.release()


def work(should_stop: Callable[[], bool]) -> None:
    """Do what is to be done now."""
    workspace_removal.work(should_stop)
    for workspace_id in own_tables.work(should_stop):
        with suppress(CypherUnavailable):
            consistency.ensure(workspace_id)
