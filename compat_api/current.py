"""The workspace a request is about."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest

from documents import workspaces
from documents.models import Workspace
from retrieval.crossing import in_database

HEADER = "LIGHTRAG-WORKSPACE"


def workspace(request: HttpRequest, named: str = "") -> Workspace:
    """`named`, by the header, else the server's own; raises UnknownWorkspace.

    Only the server's own workspace is made when it is missing.
    """
    name = workspaces.clean_name(named or request.headers.get(HEADER, ""))
    if name == workspaces.clean_name(settings.LIGHTRAG.server.workspace):
        return workspaces.ensure(name)
    return workspaces.get(name)


async def workspace_async(request: HttpRequest, named: str = "") -> Workspace:
    """`workspace`, for async views."""
    return await in_database(workspace, request, named)
