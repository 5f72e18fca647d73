"""The selected workspace: named by the request of a script, otherwise by a cookie."""

from __future__ import annotations

from django.http import HttpRequest

from compat_api.auth import workspace_access
from documents.models import Workspace
from documents.workspaces.lookup import UnknownWorkspace

COOKIE = "lightrag_workspace"


def workspace(request: HttpRequest) -> Workspace:
    """Return the selected workspace, or the default one if the cookie is outdated.

    Raises UnknownWorkspace for an unknown name in the header.
    """
    name = request.COOKIES.get(COOKIE, "")
    if workspace_access.HEADER in request.headers or not name:
        return workspace_access.workspace(request)
    try:
        return workspace_access.workspace(request, name)
    except UnknownWorkspace:
        return workspace_access.workspace(request)


def names(text: str, count: int) -> list[str]:
    """Return the first names that contain `text`, in alphabetical order."""
    rows = Workspace.objects.filter(name__icontains=text) if text else Workspace.objects
    return list(rows.order_by("name").values_list("name", flat=True)[:count])
