"""Retry a write while the database is unavailable, as during a restart or a failover.

The results of paid model calls exist only in this process until they are stored, so the
write is retried instead of failing.
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

CONNECTION_ERRORS = (OperationalError, InterfaceError)
"""What psycopg raises when a connection is lost."""
MAX_SECONDS = 90.0
"""PostgreSQL's crash recovery takes longer only if a lot was written."""
logger = logging.getLogger(__name__)


class WriteRetry:
    """Retries of the writes of one run, which wait for the same database.

    Once a write was given up, the following ones are tried once, until one succeeds.
    Otherwise each of them would wait for MAX_SECONDS.
    """

    def __init__(self) -> None:
        self._seconds = MAX_SECONDS

    def __call__(self, write: Callable[[], None]) -> None:
        """Call `write` until the database accepts it, for MAX_SECONDS at most.

        `write` must be idempotent. Raises the last of CONNECTION_ERRORS.
        """
        retrying = Retrying(
            retry=retry_if_exception_type(CONNECTION_ERRORS),
            stop=stop_after_delay(self._seconds),
            wait=wait_fixed(0.5),
            before_sleep=_reconnect,
            reraise=True,
        )
        try:
            retrying(write)
        except CONNECTION_ERRORS:
            self._seconds = 0.0
            connection.close()
            raise
        self._seconds = MAX_SECONDS


def _reconnect(state: RetryCallState) -> None:
    error = state.outcome.exception() if state.outcome else None
    logger.warning("Database unavailable; results wait to be stored: %s", error)
    connection.close()
