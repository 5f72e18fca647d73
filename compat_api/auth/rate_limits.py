"""How many requests a minute one caller may make: REQUESTS_PER_MINUTE, or its key's own."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from compat_api.auth import callers, rate_counter
from compat_api.auth.callers import Caller, TooMany

MINUTE = 60


def count(request: HttpRequest, caller: Caller) -> None:
    """One more; raises TooMany. Costs nothing where there is no limit."""
    most = caller.per_minute
    if most is None:
        most = settings.LIGHTRAG.access.requests_per_minute
    if not most:
        return
    name = callers.address_of(request) if caller.is_nameless else caller.name
    rate, key = rate_counter.per(MINUTE, most), ("requests", caller.kind.value, name)
    if not rate_counter.counts().hit(rate, *key):
        raise TooMany(
            f"Rate limit exceeded: at most {most} requests a minute.",
            rate_counter.counts().wait(rate, *key),
        )
