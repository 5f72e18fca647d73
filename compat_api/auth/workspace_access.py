"""Selection of a request's workspace, and the check that the caller may use it."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from compat_api.auth import callers
from compat_api.auth.callers import Caller, Forbidden
from documents.models import Workspace
from documents.workspaces import lookup
from documents.workspaces.lookup import UnknownWorkspace
from retrieval.db_thread import run_in_db

HEADER = "LIGHTRAG-WORKSPACE"


def workspace(request: HttpRequest, named: str = "") -> Workspace:
    """Return the workspace `named`, else that of the header, else the caller's default.

    Raises UnknownWorkspace. Raises Forbidden for a workspace that the caller may not use,
    whether or not it exists.
    """
    caller = callers.of(request)
    name = named or request.headers.get(HEADER, "")
    if not name.strip():
        return default_of(caller)
    try:
        selected = by_name(name)
    except UnknownWorkspace:
        if caller.workspaces is not None:
            raise forbidden(caller, name) from None
        raise
    if not caller.may_access(selected.pk):
        raise forbidden(caller, name)
    return selected


def default_of(caller: Caller) -> Workspace:
    """Return the server's default workspace, or the only one the caller may use."""
    if caller.workspaces is not None and len(caller.workspaces) == 1:
        return lookup.by_id(next(iter(caller.workspaces)))
    default = by_name("")
    if not caller.may_access(default.pk):
        raise forbidden(caller, default.name)
    return default


def by_name(name: str) -> Workspace:
    """Return a workspace; only the server's default is created if it does not exist."""
    clean = lookup.clean_name(name)
    if clean == lookup.clean_name(settings.LIGHTRAG.server.workspace):
        return lookup.ensure(clean)
    return lookup.get(clean)


def forbidden(caller: Caller, name: str) -> Forbidden:
    """Return the error for a workspace that the caller may not use."""
    clean = lookup.clean_name(name)
    return Forbidden(f"'{caller.name}' may not use the workspace '{clean}'.")


def workspace_or_default(request: HttpRequest) -> Workspace:
    """Return `workspace`, or the server's default if the caller may not use it.

    For public information. Raises UnknownWorkspace.
    """
    try:
        return workspace(request)
    except Forbidden:
        return by_name("")


async def workspace_async(request: HttpRequest, named: str = "") -> Workspace:
    """Return `workspace`, for async views."""
    return await run_in_db(workspace, request, named)
