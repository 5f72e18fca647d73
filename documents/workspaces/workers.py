"""Workers: notify them of work, and list those that run.

A notification carries no data: workers read the work from the database. A lost
notification delays the work until the next sweep; a repeated one has no effect.

Each worker announces itself in Redis every few seconds. An entry expires soon after its
worker stops. Ingestion does not depend on it.
"""

from __future__ import annotations

import logging
from threading import Event
from typing import cast

from celery import current_app
from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext
from kombu.exceptions import OperationalError
from redis import Redis
from redis.exceptions import RedisError

INGEST_TASK = "documents.pipeline.tasks.ingest_all"
"""The name of the task, because an import would load the pipeline."""
KEY = "lightrag:workers"
INTERVAL_SECONDS = 3.0
"""Interval between two announcements of a worker."""
EXPIRY_SECONDS = 12
"""Age at which an announcement expires, by Redis's clock."""
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


def announce_until(name: str, stopping: Event) -> None:
    """Announce the worker of this name repeatedly until `stopping` is set."""
    client = connect()
    while True:
        try:
            announce(client, name)
            if stopping.wait(INTERVAL_SECONDS):
                client.zrem(KEY, name)
                return
        except (RedisError, OSError) as error:
            logger.debug(
                "The worker was not announced, because Redis failed: %s", error
            )
            if stopping.wait(INTERVAL_SECONDS):
                return


def announce(client: Redis, name: str) -> None:
    """Announce the worker once, and delete expired announcements."""
    now, _ = client.time()
    client.zremrangebyscore(KEY, "-inf", now - EXPIRY_SECONDS)
    client.zadd(KEY, {name: now})


def count() -> int | None:
    """Return the number of running workers; None if Redis does not respond."""
    names = running()
    return None if names is None else len(names)


def is_running_on(host: str) -> bool | None:
    """Return whether a worker runs on this host; None if Redis does not respond."""
    names = running()
    if names is None:
        return None
    return any(f"@{host}:".encode() in name for name in names)


def running() -> list[bytes] | None:
    """Return the workers as `celery@host:process`; None if Redis does not respond."""
    client = connect()
    try:
        now, _ = client.time()
        names = client.zrangebyscore(KEY, now - EXPIRY_SECONDS, "+inf")
        return cast("list[bytes]", names)
    except (RedisError, OSError):
        return None
    finally:
        client.close()


def missing_message() -> str:
    """Return what to do if no worker runs, otherwise an empty text.

    A supervisor of this process starts its worker, or restarts it. Pages show the text in
    the user's language; APIs return it in English.
    """
    if count() != 0:
        return ""
    if settings.SUPERVISED_WORKER:
        return gettext(
            "The worker is starting. Documents stay queued until it has started."
        )
    return gettext(
        "No worker is running, so documents stay queued. Start one with "
        "`lightrag-server`, or with `lightrag-server --only worker` if the parts run "
        "separately."
    )


def connect() -> Redis:
    return Redis.from_url(
        settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1
    )
