"""What stands around every page: where one may go, whose workspace it is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from compat_api.auth import authentication
from compat_api.webui import permissions, selected_workspace
from documents.models import Workspace

PLACES = (
    ("documents", _("Documents"), "documents.view_document"),
    ("graph", _("Graph"), "graph.view_entity"),
    ("chat", _("Chat"), "documents.view_document"),
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A way to another page."""

    label: str | Promise
    url: str
    active: bool = False


def show(
    request: HttpRequest, template: str, place: str, values: Mapping[str, Any]
) -> HttpResponse:
    """The page in its frame; `place` is the entry of the navigation it belongs to."""
    return render(request, template, {**around(request, place), **values})


def around(request: HttpRequest, place: str) -> dict[str, Any]:
    """What the base template reads. One query for the names of the workspaces."""
    server = settings.LIGHTRAG.server
    return {
        "site_title": server.webui_title or "LightRAG",
        "entries": entries(request, place),
        "docs_url": reverse("docs") if server.api_docs else "",
        "workspace": selected_workspace.workspace(request),
        "workspaces": list(
            Workspace.objects.order_by("name").values_list("name", flat=True)
        ),
        "asks_login": authentication.is_configured(),
    }


def entries(request: HttpRequest, place: str) -> list[Entry]:
    """The pages this caller may see."""
    return [
        Entry(label, reverse(f"pages:{name}"), active=name == place)
        for name, label, permission in PLACES
        if permissions.may(request, permission)
    ]
