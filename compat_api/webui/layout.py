"""The layout that all pages share: navigation, workspaces, languages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from compat_api.auth import authentication
from compat_api.webui import permissions, selected_workspace

SCRIPT = "webui/build/documents.js"
"""A file of the JavaScript build, to find out whether the build was run."""
MAX_LISTED_WORKSPACES = 50
"""With more workspaces, the page searches them by name instead of listing them."""
NAVIGATION = (
    ("documents", _("Documents"), "documents.view_document"),
    ("graph", _("Graph"), "graph.view_entity"),
    ("chat", _("Chat"), "documents.view_document"),
)


@dataclass(frozen=True, slots=True)
class NavigationEntry:
    """A link to a page."""

    label: str | Promise
    url: str
    active: bool = False


def show(
    request: HttpRequest, template: str, page: str, values: Mapping[str, Any]
) -> HttpResponse:
    """Render a page; `page` is its name in the navigation."""
    return render(request, template, {**shared_values(request, page), **values})


def shared_values(request: HttpRequest, page: str) -> dict[str, Any]:
    """Return the values of the base template. Runs one query."""
    server = settings.LIGHTRAG.server
    names = selected_workspace.names("", MAX_LISTED_WORKSPACES + 1)
    return {
        "site_title": server.webui_title or "LightRAG",
        "entries": entries(request, page),
        "docs_url": reverse("docs") if server.api_docs else "",
        "workspace": selected_workspace.workspace(request),
        "workspaces": names if len(names) <= MAX_LISTED_WORKSPACES else (),
        "asks_login": authentication.is_configured(),
        "scripts_missing": finders.find(SCRIPT) is None,
    }


def entries(request: HttpRequest, page: str) -> list[NavigationEntry]:
    """Return links to the pages that the caller may view."""
    return [
        NavigationEntry(label, reverse(f"webui:{name}"), active=name == page)
        for name, label, permission in NAVIGATION
        if permissions.may(request, permission)
    ]
