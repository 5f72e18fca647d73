"""Lockout after failed logins, by network address and name (docs/lightrag.md A.1).

An attempt is counted before the password is checked, so parallel attempts get no more
guesses than successive ones. A successful login resets the count.
"""

from __future__ import annotations

from django.conf import settings
from limits import RateLimitItem

from compat_api.auth import rate_counter
from compat_api.auth.callers import TooMany

MESSAGE = "Too many failed login attempts. Please try again later."


class LockedOut(TooMany):
    """The address must wait; `first` is True for the first refusal of the period."""

    def __init__(self, retry_after: int, *, first: bool) -> None:
        super().__init__(MESSAGE, retry_after)
        self.first = first


def count_attempt(address: str, name: str) -> None:
    """Count a login attempt; raise LockedOut."""
    limit = _limit()
    if limit is None:
        return
    counter = rate_counter.counter()
    if not counter.hit(limit, "login", address, name):
        once = rate_counter.limit(1, limit.get_expiry())
        first = counter.hit(once, "locked", address, name)
        wait = counter.seconds_until_reset(limit, "login", address, name)
        raise LockedOut(wait, first=first)


def reset(address: str, name: str) -> None:
    """Forget the failed attempts of an address with a name."""
    limit = _limit()
    if limit is not None:
        rate_counter.counter().reset(limit, "login", address, name)


def _limit() -> RateLimitItem | None:
    access = settings.LIGHTRAG.access
    if not access.login_attempts:
        return None
    return rate_counter.limit(access.login_attempts, access.login_window_seconds)
