"""The selected workspace: named by the request of a script, otherwise by a cookie."""

from __future__ import annotations

from django.http import HttpRequest

from compat_api.auth import callers
from documents.models import Workspace
from documents.workspaces.lookup import UnknownWorkspace

COOKIE = "lightrag_workspace"


def workspace(request: HttpRequest) -> Workspace:
    """Return the selected workspace, or the default one if the cookie is outdated.

    Raises UnknownWorkspace for an unknown name in the header.
    """
    name = request.COOKIES.get(COOKIE, "")
    if callers.WORKSPACE_HEADER in request.headers or not name:
        return callers.workspace(request)
    try:
        return callers.workspace(request, name)
    except UnknownWorkspace:
        return callers.workspace(request)


def names(text: str, count: int) -> list[str]:
    """Return the first names that contain `text`, in alphabetical order."""
    rows = Workspace.objects.filter(name__icontains=text) if text else Workspace.objects
    return list(rows.order_by("name").values_list("name", flat=True)[:count])
