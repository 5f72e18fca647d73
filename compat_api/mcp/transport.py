"""Whose MCP request it is, and which workspace it is about; its tools ask here."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from compat_api.auth.callers import Caller
from documents.models import Workspace
from documents.workspaces import actor
from documents.workspaces.actor import Actor


@dataclass(frozen=True, slots=True)
class Entered:
    """What was found out at the door."""

    workspace: Workspace
    caller: Caller
    actor: Actor


_entered: ContextVar[Entered] = ContextVar("mcp_entered")


def begin(entered: Entered) -> None:
    """For everything this task does from now on."""
    _entered.set(entered)
    actor.ask(lambda: entered.actor)


def workspace() -> Workspace:
    """The one the request is about."""
    return _entered.get().workspace


def caller() -> Caller:
    """Who makes the request."""
    return _entered.get().caller
