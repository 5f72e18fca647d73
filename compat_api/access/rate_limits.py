"""How many requests a minute one caller may make: REQUESTS_PER_MINUTE, or its key's own."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from compat_api.access import callers, counting
from compat_api.access.callers import Caller, TooMany

MINUTE = 60


def count(request: HttpRequest, caller: Caller) -> None:
    """One more; raises TooMany. Costs nothing where there is no limit."""
    most = caller.per_minute
    if most is None:
        most = settings.LIGHTRAG.access.requests_per_minute
    if not most:
        return
    name = callers.address_of(request) if caller.is_nameless else caller.name
    rate, key = counting.per(MINUTE, most), ("requests", caller.kind.value, name)
    if not counting.counts().hit(rate, *key):
        raise TooMany(
            f"Rate limit exceeded: at most {most} requests a minute.",
            counting.counts().wait(rate, *key),
        )
