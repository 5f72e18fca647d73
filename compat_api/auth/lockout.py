"""Lockout after failed logins and invalid credentials (docs/lightrag.md A.1).

An attempt is counted before the credentials are looked up, so that parallel attempts
are limited like successive ones. A successful attempt is subtracted again. There are
three counts: of a network with a name, of a network, and of a name.
"""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict

from django.conf import settings
from limits import RateLimitItem

from compat_api.auth import rate_counter
from compat_api.auth.callers import TooMany

MESSAGE = "Too many failed login attempts. Please try again later."
BROADER = 4
"""Factor between the limit of a network, or of a name, and the limit of the pair."""
REMEMBERED_SECONDS = 900.0
"""How long valid credentials of a network are not counted after their last use.

A client continues to work while others in its network are locked out.
"""
MAX_REMEMBERED = 10_000


class LockedOut(TooMany):
    """The network or name must wait; `first` is True for the first refusal."""

    def __init__(self, retry_after: int, *, first: bool) -> None:
        super().__init__(MESSAGE, retry_after)
        self.first = first


class RecentCredentials:
    """Digests of credentials, with their networks, that were sent lately."""

    def __init__(self) -> None:
        self._until: OrderedDict[str, float] = OrderedDict()

    def __contains__(self, digest: str) -> bool:
        return self._until.get(digest, 0.0) > time.monotonic()

    def add(self, digest: str) -> None:
        """Remember a digest; forget the oldest ones."""
        self._until[digest] = time.monotonic() + REMEMBERED_SECONDS
        self._until.move_to_end(digest)
        while len(self._until) > MAX_REMEMBERED:
            self._until.popitem(last=False)

    def remove(self, digest: str) -> None:
        """Forget a digest."""
        self._until.pop(digest, None)


_verified = RecentCredentials()
_counted = RecentCredentials()
"""Invalid credentials: a client that repeats its wrong key is counted once."""


def count_attempt(network: str, name: str) -> None:
    """Count a login attempt; raise LockedOut."""
    counter = rate_counter.counter()
    for limit, key in _limits(network, name):
        if not counter.hit(limit, *key):
            once = rate_counter.limit(1, limit.get_expiry())
            first = counter.hit(once, "locked", *key)
            raise LockedOut(counter.seconds_until_reset(limit, *key), first=first)


def reset(network: str, name: str) -> None:
    """Subtract a successful attempt, and reset the failures of the name in this network."""
    counter = rate_counter.counter()
    for limit, key in _limits(network, name):
        if key[0] == "login":
            counter.reset(limit, *key)
        else:
            counter.hit(limit, *key, cost=-1)


def count_credentials(network: str, credentials: str) -> None:
    """Count credentials that are about to be looked up, once; raise LockedOut."""
    digest = _digest(network, credentials)
    if digest in _verified or digest in _counted:
        return
    for limit, key in _limits(network)[:1]:
        counter = rate_counter.counter()
        if not counter.hit(limit, *key):
            raise LockedOut(counter.seconds_until_reset(limit, *key), first=False)
        _counted.add(digest)


def confirm_credentials(network: str, credentials: str) -> None:
    """Subtract the attempt, because the credentials are valid (or expired)."""
    digest = _digest(network, credentials)
    if digest in _counted:
        _counted.remove(digest)
        for limit, key in _limits(network)[:1]:
            rate_counter.counter().hit(limit, *key, cost=-1)
    _verified.add(digest)


def _limits(
    network: str, name: str = ""
) -> list[tuple[RateLimitItem, tuple[str, ...]]]:
    """Return the limit and key of each count; names may be long, so they are hashed."""
    access = settings.LIGHTRAG.access
    if not access.login_attempts:
        return []
    narrow = rate_counter.limit(access.login_attempts, access.login_window_seconds)
    broad = rate_counter.limit(
        access.login_attempts * BROADER, access.login_window_seconds
    )
    hashed = _digest(name.strip().casefold())
    return [
        (broad, ("failures", network)),
        (narrow, ("login", network, hashed)),
        (broad, ("names", hashed)),
    ]


def _digest(*texts: str) -> str:
    joined = "\n".join(texts).encode("utf-8", "replace")
    return hashlib.blake2b(joined, digest_size=16).hexdigest()
