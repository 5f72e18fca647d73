"""`/docs` and `/redoc`; scripts and styles are served by this server."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

View = Callable[..., HttpResponse]
CONTENT_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; worker-src blob:"
)
"""Only this server: Redoc would load a logo from its vendor's server."""


def if_enabled(view: View) -> View:
    """Return a view that answers 404 if ENABLE_API_DOCS is false."""

    @wraps(view)
    def guarded(request: HttpRequest, **values: Any) -> HttpResponse:
        if not settings.LIGHTRAG.server.api_docs:
            raise Http404
        return view(request, **values)

    return guarded


def page(api: NinjaAPI, docs: DocsBase) -> View:
    """Return a view that shows the documentation of `api`."""

    @if_enabled
    def show(request: HttpRequest) -> HttpResponse:
        answer = docs.render_page(request, api)
        answer["Content-Security-Policy"] = CONTENT_POLICY
        return answer

    return show
