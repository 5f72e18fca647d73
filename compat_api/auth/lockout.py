"""Logins that fail too often: one address must wait with one name (docs/lightrag.md A.1).

An attempt is counted before the password is looked at, so that many at once get no more
guesses than one after the other; a good one forgets those before it.
"""

from __future__ import annotations

from django.conf import settings
from limits import RateLimitItem

from compat_api.auth import rate_counter
from compat_api.auth.callers import TooMany

LOCKED = "Too many failed login attempts. Please try again later."


class LockedOut(TooMany):
    """`first`: it was not told so before, in this window."""

    def __init__(self, retry_after: int, *, first: bool) -> None:
        super().__init__(LOCKED, retry_after)
        self.first = first


def attempt(address: str, name: str) -> None:
    """Count one; raises LockedOut."""
    rate = _rate()
    if rate is None:
        return
    counts = rate_counter.counts()
    if not counts.hit(rate, "login", address, name):
        once = rate_counter.per(rate.get_expiry(), 1)
        first = counts.hit(once, "locked", address, name)
        raise LockedOut(counts.wait(rate, "login", address, name), first=first)


def succeeded(address: str, name: str) -> None:
    """Forget what failed before."""
    rate = _rate()
    if rate is not None:
        rate_counter.counts().forget(rate, "login", address, name)


def _rate() -> RateLimitItem | None:
    access = settings.LIGHTRAG.access
    if not access.login_attempts:
        return None
    return rate_counter.per(access.login_window_seconds, access.login_attempts)
