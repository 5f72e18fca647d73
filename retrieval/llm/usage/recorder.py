"""Whom model calls are made for, and what they cost: noted where they are made."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

_collecting: ContextVar[list[Call] | None] = ContextVar("bill", default=None)
_workspace: ContextVar[int] = ContextVar("workspace", default=0)


@dataclass(frozen=True, slots=True)
class Call:
    """One answer of a provider. Tokens are its own figures, else a guess.

    `seconds` is how long it took; what it waited for its turn does not count.
    """

    model: str
    prompt_tokens: int
    completion_tokens: int = 0
    seconds: float = 0.0


@contextmanager
def collected(workspace_id: int, calls: list[Call]) -> Iterator[None]:
    """Add the calls that this task makes inside, for that workspace, to `calls`."""
    token = _collecting.set(calls)
    made_for(workspace_id)
    try:
        yield
    finally:
        _collecting.reset(token)


def made_for(workspace_id: int) -> None:
    """What this task asks models from now on is asked for that workspace."""
    _workspace.set(workspace_id)


def workspace() -> int:
    """The id of the workspace that calls are made for; 0: nobody said."""
    return _workspace.get()


def note(call: Call) -> None:
    """Add a call; nobody may be collecting."""
    calls = _collecting.get()
    if calls is not None:
        calls.append(call)
