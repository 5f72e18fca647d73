"""Counters shared by all processes, for failed logins and requests per minute.

They are kept in Redis. While Redis is unavailable each process counts for itself, as
LightRAG always does: an outage neither locks callers out nor removes the limits.
"""

from __future__ import annotations

import logging
import time
from functools import cache

import redis
from django.conf import settings
from django.http import HttpRequest
from limits import RateLimitItem, RateLimitItemPerSecond
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import FixedWindowRateLimiter

from compat_api.auth import callers
from compat_api.auth.callers import Caller, TooMany

MINUTE = 60
KEY_PREFIX = "lightrag:counts"
REDIS_TIMEOUT = 2.0
RETRY_REDIS_AFTER = 5.0
"""Seconds without Redis after it failed to respond."""
logger = logging.getLogger(__name__)


def limit(count: int, seconds: int) -> RateLimitItem:
    """Return the limit of `count` hits in a window that begins with the first hit."""
    return RateLimitItemPerSecond(count, seconds)


class RateCounter:
    """Fixed-window counters in the Redis at `url`, or in memory without it."""

    def __init__(self, url: str) -> None:
        pool = redis.ConnectionPool.from_url(
            url, socket_timeout=REDIS_TIMEOUT, socket_connect_timeout=REDIS_TIMEOUT
        )
        storage = RedisStorage("redis://", connection_pool=pool, key_prefix=KEY_PREFIX)
        self._shared = FixedWindowRateLimiter(storage)
        self._local = FixedWindowRateLimiter(MemoryStorage())
        self._retry_redis_at = 0.0

    def hit(self, rate: RateLimitItem, *key: str, cost: int = 1) -> bool:
        """Count one hit; return whether the count is within the limit.

        A `cost` of -1 subtracts a hit.
        """
        if self._uses_redis():
            try:
                return self._shared.hit(rate, *key, cost=cost)
            except (redis.RedisError, OSError) as error:
                self._pause_redis(error)
        return self._local.hit(rate, *key, cost=cost)

    def seconds_until_reset(self, rate: RateLimitItem, *key: str) -> int:
        """Return the seconds until the window ends, at least 1."""
        limiter = self._shared if self._uses_redis() else self._local
        try:
            reset = limiter.get_window_stats(rate, *key).reset_time
        except (redis.RedisError, OSError):
            return rate.get_expiry()
        return max(1, round(reset - time.time()))

    def reset(self, rate: RateLimitItem, *key: str) -> None:
        """Set the count to zero."""
        self._local.clear(rate, *key)
        if self._uses_redis():
            try:
                self._shared.clear(rate, *key)
            except (redis.RedisError, OSError) as error:
                self._pause_redis(error)

    def _uses_redis(self) -> bool:
        return time.monotonic() >= self._retry_redis_at

    def _pause_redis(self, error: Exception) -> None:
        logger.warning(
            "Redis cannot be reached (%s): each process counts logins and requests "
            "for itself",
            error,
        )
        self._retry_redis_at = time.monotonic() + RETRY_REDIS_AFTER


@cache
def _counter_at(url: str) -> RateCounter:
    return RateCounter(url)


def counter() -> RateCounter:
    """Return the counters of this site."""
    return _counter_at(settings.REDIS_URL)


def count_request(request: HttpRequest, caller: Caller) -> None:
    """Count a request towards REQUESTS_PER_MINUTE, or the API key's own limit.

    Raises TooMany. Without a limit nothing is counted.
    """
    maximum = caller.per_minute
    if maximum is None:
        maximum = settings.LIGHTRAG.access.requests_per_minute
    if not maximum:
        return
    name = callers.network_of(request) if caller.is_anonymous else caller.name
    rate = limit(maximum, MINUTE)
    key = ("requests", caller.kind.value, name)
    if not counter().hit(rate, *key):
        raise TooMany(
            f"Rate limit exceeded: at most {maximum} requests per minute.",
            counter().seconds_until_reset(rate, *key),
        )
