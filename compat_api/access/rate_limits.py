"""How many requests a minute one caller may make: REQUESTS_PER_MINUTE, or its key's own."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from compat_api.access import callers, counting
from compat_api.access.callers import Caller, TooMany
from graph.actor import Kind

MINUTE = 60
NAMELESS = {Kind.ANYONE, Kind.GUEST}
"""Those whom only their address tells apart."""


def count(request: HttpRequest, caller: Caller) -> None:
    """One more; raises TooMany. Costs nothing where there is no limit."""
    most = caller.per_minute
    if most is None:
        most = settings.LIGHTRAG.access.requests_per_minute
    if not most:
        return
    nameless = caller.kind in NAMELESS
    name = callers.address_of(request) if nameless else caller.name
    rate, key = counting.per(MINUTE, most), ("requests", caller.kind.value, name)
    if not counting.counts().hit(rate, *key):
        raise TooMany(
            f"Rate limit exceeded: at most {most} requests a minute.",
            counting.counts().wait(rate, *key),
        )
