"""The workspace that an MCP request is about; its tools ask here."""

from __future__ import annotations

from contextvars import ContextVar

from documents.models import Workspace

_workspace: ContextVar[Workspace] = ContextVar("mcp_workspace")


def set_workspace(workspace: Workspace) -> None:
    """For everything this task does from now on."""
    _workspace.set(workspace)


def workspace() -> Workspace:
    """The one that was set."""
    return _workspace.get()
