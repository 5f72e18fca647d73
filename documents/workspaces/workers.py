"""Which workers run: each says so every few seconds, and is forgotten when it stops to.

It is said in Redis, by which they are called; documents do not depend on it.
"""

from __future__ import annotations

import logging
from threading import Event
from typing import cast

from django.conf import settings
from redis import Redis
from redis.exceptions import RedisError

KEY = "lightrag:workers"
EVERY = 3.0
FORGOTTEN_AFTER = 12
"""Seconds, by Redis's clock."""
MISSING = (
    "No worker is running: documents wait until one is. Start one by `lightrag-server`, "
    "or by `lightrag-server --only worker` where the parts run apart."
)
logger = logging.getLogger(__name__)


def keep_saying(name: str, stopping: Event) -> None:
    """That the worker of this name runs, until it stops."""
    client = connect()
    while True:
        try:
            say(client, name)
            if stopping.wait(EVERY):
                client.zrem(KEY, name)
                return
        except (RedisError, OSError) as error:
            logger.debug("Redis cannot be reached: %s", error)
            if stopping.wait(EVERY):
                return


def say(client: Redis, name: str) -> None:
    now, _ = client.time()
    client.zremrangebyscore(KEY, "-inf", now - FORGOTTEN_AFTER)
    client.zadd(KEY, {name: now})


def count() -> int | None:
    """How many run, with any number of processes each; None: Redis does not answer."""
    names = running()
    return None if names is None else len(names)


def runs_on(host: str) -> bool | None:
    """Whether one runs on the machine of this name; None: Redis does not answer."""
    names = running()
    return None if names is None else any(f"@{host}:".encode() in one for one in names)


def running() -> list[bytes] | None:
    """Each as `celery@host:process`; None: Redis does not answer."""
    client = connect()
    try:
        now, _ = client.time()
        named = client.zrangebyscore(KEY, now - FORGOTTEN_AFTER, "+inf")
        return cast("list[bytes]", named)
    except (RedisError, OSError):
        return None
    finally:
        client.close()


def missing() -> str:
    """What to do where surely none runs; empty where one does."""
    return MISSING if count() == 0 else ""


def connect() -> Redis:
    return Redis.from_url(
        settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1
    )
