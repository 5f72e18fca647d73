"""The workspace a request is about, if its caller may enter it."""

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
    """`named`, by the header, else the caller's own.

    Raises UnknownWorkspace, and Forbidden for those that the caller may not enter,
    whether they are there or not.
    """
    caller = callers.of(request)
    name = named or request.headers.get(HEADER, "")
    if not name.strip():
        return own(caller)
    try:
        found = by_name(name)
    except UnknownWorkspace:
        if caller.workspaces is not None:
            raise no_entry(caller, name) from None
        raise
    if not caller.may_enter(found.pk):
        raise no_entry(caller, name)
    return found


def own(caller: Caller) -> Workspace:
    """The server's own, or the only one that the caller may enter."""
    if caller.workspaces is not None and len(caller.workspaces) == 1:
        return Workspace.objects.get(pk__in=caller.workspaces)
    found = by_name("")
    if not caller.may_enter(found.pk):
        raise no_entry(caller, found.name)
    return found


def by_name(name: str) -> Workspace:
    """Only the server's own workspace is made when it is missing."""
    clean = lookup.clean_name(name)
    if clean == lookup.clean_name(settings.LIGHTRAG.server.workspace):
        return lookup.ensure(clean)
    return lookup.get(clean)


def no_entry(caller: Caller, name: str) -> Forbidden:
    said = lookup.clean_name(name)
    return Forbidden(f"'{caller.name}' may not enter the workspace '{said}'.")


def workspace_or_server_s(request: HttpRequest) -> Workspace:
    """`workspace`, for what may be told to everybody; raises UnknownWorkspace."""
    try:
        return workspace(request)
    except Forbidden:
        return by_name("")


async def workspace_async(request: HttpRequest, named: str = "") -> Workspace:
    """`workspace`, for async views."""
    return await run_in_db(workspace, request, named)
