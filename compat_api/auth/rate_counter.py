"""Counts that all processes share: failed logins, requests a minute.

They are kept in Redis. While Redis does not answer, each process counts for itself, as
LightRAG always does, so that nobody is locked out by an outage and nobody let go free.
"""

from __future__ import annotations

import logging
import time
from functools import cache

import redis
from django.conf import settings
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import FixedWindowRateLimiter

PREFIX = "lightrag:counts"
REDIS_SECONDS = 2.0
LOOK_AGAIN = 5.0
"""Seconds for which Redis is left alone after it did not answer."""
logger = logging.getLogger(__name__)


def per(seconds: int, most: int) -> RateLimitItem:
    """`most` in `seconds`, which begin with the first."""
    return RateLimitItemPerSecond(most, seconds)


class Counts:
    """Of the Redis at `url`."""

    def __init__(self, url: str) -> None:
        pool = redis.ConnectionPool.from_url(
            url, socket_timeout=REDIS_SECONDS, socket_connect_timeout=REDIS_SECONDS
        )
        storage = RedisStorage("redis://", connection_pool=pool, key_prefix=PREFIX)
        self._shared = FixedWindowRateLimiter(storage)
        self._own = FixedWindowRateLimiter(MemoryStorage())
        self._without_redis_until = 0.0

    def hit(self, rate: RateLimitItem, *key: str) -> bool:
        """Count one more; whether it is still within `rate`."""
        if self._shared_answers():
            try:
                return self._shared.hit(rate, *key)
            except (redis.RedisError, OSError) as error:
                self._do_without(error)
        return self._own.hit(rate, *key)

    def wait(self, rate: RateLimitItem, *key: str) -> int:
        """Seconds until the count begins anew, 1 at least."""
        limiter = self._shared if self._shared_answers() else self._own
        try:
            reset = limiter.get_window_stats(rate, *key).reset_time
        except (redis.RedisError, OSError):
            return rate.get_expiry()
        return max(1, round(reset - time.time()))

    def forget(self, rate: RateLimitItem, *key: str) -> None:
        """Begin anew."""
        self._own.clear(rate, *key)
        if self._shared_answers():
            try:
                self._shared.clear(rate, *key)
            except (redis.RedisError, OSError) as error:
                self._do_without(error)

    def _shared_answers(self) -> bool:
        return time.monotonic() >= self._without_redis_until

    def _do_without(self, error: Exception) -> None:
        logger.warning(
            "Redis cannot be reached (%s): each process counts logins and requests "
            "for itself",
            error,
        )
        self._without_redis_until = time.monotonic() + LOOK_AGAIN


@cache
def _at(url: str) -> Counts:
    return Counts(url)


def counts() -> Counts:
    """Those of this site."""
    return _at(settings.REDIS_URL)
