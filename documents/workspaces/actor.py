"""The current actor: set by each entry point, read by the audit log.

Entry points set a function that returns the actor, and not the actor itself: a request
may be authenticated later, and only changes need the actor.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How the actor was authenticated."""

    KEY = "key"
    ACCOUNT = "account"
    USER = "user"
    GUEST = "guest"
    ANYONE = "anyone"
    COMMAND = "command"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """The cause of a change. `address` is its network address, if it has one."""

    kind: Kind
    name: str
    address: str = ""


WORKER = Actor(Kind.SYSTEM, "worker")
"""The default actor, for the pipeline."""

ActorProvider = Callable[[], Actor]
_provider: ContextVar[ActorProvider] = ContextVar("actor", default=lambda: WORKER)


def current() -> Actor:
    """Return the actor of this request, command or task."""
    return _provider.get()()


def set_provider(provider: ActorProvider) -> Token[ActorProvider]:
    """Set the function that returns the actor in this context."""
    return _provider.set(provider)


def reset_provider(token: Token[ActorProvider]) -> None:
    """Undo `set_provider`."""
    _provider.reset(token)


@contextmanager
def acting_as(actor: Actor) -> Iterator[None]:
    """Set the actor inside the block."""
    token = set_provider(lambda: actor)
    try:
        yield
    finally:
        reset_provider(token)
