"""The workspace a page is about: what its script names, else what was last chosen."""

from __future__ import annotations

from django.http import HttpRequest

from compat_api.auth import workspace_access
from documents.models import Workspace
from documents.workspaces.lookup import UnknownWorkspace

COOKIE = "lightrag_workspace"


def workspace(request: HttpRequest) -> Workspace:
    """Raises UnknownWorkspace for a name in the header; a stale cookie is passed over."""
    remembered = request.COOKIES.get(COOKIE, "")
    if workspace_access.HEADER in request.headers or not remembered:
        return workspace_access.workspace(request)
    try:
        return workspace_access.workspace(request, remembered)
    except UnknownWorkspace:
        return workspace_access.workspace(request)
