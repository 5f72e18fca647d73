"""A database that is away for a moment, as at its restart or its failover.

What was paid for meanwhile is in this process alone, so storing it is worth waiting for.
"""

from __future__ import annotations

import logging
from collections.abc import Callable

from django.db import InterfaceError, OperationalError, connection
from tenacity import (
    RetryCallState,
    Retrying,
    retry_if_exception_type,
    stop_after_delay,
    wait_fixed,
)

LOST = (OperationalError, InterfaceError)
"""What psycopg says of a connection that is gone."""
LONGEST = 90.0
"""Seconds: PostgreSQL's recovery after a crash is longer only where much was written."""
logger = logging.getLogger(__name__)


def outlast(write: Callable[[], None]) -> None:
    """Do `write`, again and again while the database is away. It must bear repetition."""
    Retrying(
        retry=retry_if_exception_type(LOST),
        stop=stop_after_delay(LONGEST),
        wait=wait_fixed(0.5),
        before_sleep=_reconnect,
        reraise=True,
    )(write)


def _reconnect(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    logger.warning("The database is away, what was paid for waits: %s", error)
    connection.close()
