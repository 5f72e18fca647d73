"""Who is doing what is being done: every door says it, the audit trail asks.

A door hands over a question and not an answer, for who it is may be found out only after
the request came in, and is asked only where something changes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How somebody was known."""

    KEY = "key"
    ACCOUNT = "account"
    USER = "user"
    GUEST = "guest"
    ANYONE = "anyone"
    COMMAND = "command"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts. `address` is the network's, empty for what came by none."""

    kind: Kind
    name: str
    address: str = ""


WORKER = Actor(Kind.SYSTEM, "worker")
"""Where no door said anything, the pipeline itself is at work."""

Who = Callable[[], Actor]
_who: ContextVar[Who] = ContextVar("actor", default=lambda: WORKER)


def current() -> Actor:
    """Who acts in this request, command or task."""
    return _who.get()()


def ask(who: Who) -> Token[Who]:
    """From now on, in this context, it is whoever `who` names."""
    return _who.set(who)


def forget(token: Token[Who]) -> None:
    """Undo an `ask`."""
    _who.reset(token)


@contextmanager
def acting(actor: Actor) -> Iterator[None]:
    """Inside, it is this one."""
    token = ask(lambda: actor)
    try:
        yield
    finally:
        forget(token)
