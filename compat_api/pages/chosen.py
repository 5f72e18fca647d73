"""The workspace a page is about: what its script names, else what was last chosen."""

from __future__ import annotations

from django.http import HttpRequest

from compat_api import current
from documents.models import Workspace
from documents.workspaces import UnknownWorkspace

COOKIE = "lightrag_workspace"


def workspace(request: HttpRequest) -> Workspace:
    """Raises UnknownWorkspace for a name in the header; a stale cookie is passed over."""
    remembered = request.COOKIES.get(COOKIE, "")
    if current.HEADER in request.headers or not remembered:
        return current.workspace(request)
    try:
        return current.workspace(request, remembered)
    except UnknownWorkspace:
        return current.workspace(request)
