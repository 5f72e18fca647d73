"""Limit on requests per minute: REQUESTS_PER_MINUTE, or the API key's own limit."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from compat_api.auth import callers, rate_counter
from compat_api.auth.callers import Caller, TooMany

MINUTE = 60


def count(request: HttpRequest, caller: Caller) -> None:
    """Count a request; raise TooMany. Without a limit nothing is counted."""
    maximum = caller.per_minute
    if maximum is None:
        maximum = settings.LIGHTRAG.access.requests_per_minute
    if not maximum:
        return
    name = callers.address_of(request) if caller.is_anonymous else caller.name
    limit = rate_counter.limit(maximum, MINUTE)
    key = ("requests", caller.kind.value, name)
    if not rate_counter.counter().hit(limit, *key):
        raise TooMany(
            f"Rate limit exceeded: at most {maximum} requests per minute.",
            rate_counter.counter().seconds_until_reset(limit, *key),
        )
