"""Context of the current MCP request: its workspace and its caller."""

from __future__ import annotations

from contextvars import ContextVar
from dataclasses import dataclass

from compat_api.auth.callers import Caller
from documents.models import Workspace
from documents.workspaces import audit
from documents.workspaces.audit import Actor


@dataclass(frozen=True, slots=True)
class RequestContext:
    """Workspace, caller and actor of a request, determined before it is processed."""

    workspace: Workspace
    caller: Caller
    actor: Actor


_current: ContextVar[RequestContext] = ContextVar("mcp_request")


def set_current(context: RequestContext) -> None:
    """Set the context, and the actor of the audit log, for this task."""
    _current.set(context)
    audit.set_provider(lambda: context.actor)


def workspace() -> Workspace:
    """Return the workspace of the request."""
    return _current.get().workspace


def caller() -> Caller:
    """Return the caller of the request."""
    return _current.get().caller
