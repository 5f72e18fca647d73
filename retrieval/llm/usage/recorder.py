"""The workspace of the current task's model calls, and a list of these calls."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass

_calls: ContextVar[list[Call] | None] = ContextVar("model_calls", default=None)
_workspace: ContextVar[int] = ContextVar("workspace", default=0)


@dataclass(frozen=True, slots=True)
class Call:
    """One answered model call.

    Token counts are the provider's, or estimates if it reports none. `seconds` is the
    duration of the request, without the time spent waiting for a slot.
    """

    model: str
    prompt_tokens: int
    completion_tokens: int = 0
    seconds: float = 0.0


@contextmanager
def collect_calls(workspace_id: int, calls: list[Call]) -> Iterator[None]:
    """Append the model calls of this task to `calls`; assign them to the workspace."""
    token = _calls.set(calls)
    set_workspace(workspace_id)
    try:
        yield
    finally:
        _calls.reset(token)


def set_workspace(workspace_id: int) -> None:
    """Set the workspace of this task's model calls."""
    _workspace.set(workspace_id)


def current_workspace() -> int:
    """Return the id of the workspace of model calls; 0 if it was not set."""
    return _workspace.get()


def record(call: Call) -> None:
    """Append a call to the list of the current task, if there is one."""
    calls = _calls.get()
    if calls is not None:
        calls.append(call)
