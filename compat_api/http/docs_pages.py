"""`/docs` and `/redoc`: their scripts and styles come from this server."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.openapi.docs import DocsBase

View = Callable[..., HttpResponse]
NOTHING_FROM_ELSEWHERE = (
    "default-src 'self'; script-src 'self' 'unsafe-inline'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; worker-src blob:"
)
"""Redoc would fetch its makers' logo from their server, and tell them who reads."""


def unless_switched_off(view: View) -> View:
    """404 where ENABLE_API_DOCS is false."""

    @wraps(view)
    def answer(request: HttpRequest, **values: Any) -> HttpResponse:
        if not settings.LIGHTRAG.server.api_docs:
            raise Http404
        return view(request, **values)

    return answer


def page(api: NinjaAPI, docs: DocsBase) -> View:
    """A view that shows the documentation of `api`."""

    @unless_switched_off
    def show(request: HttpRequest) -> HttpResponse:
        answer = docs.render_page(request, api)
        answer["Content-Security-Policy"] = NOTHING_FROM_ELSEWHERE
        return answer

    return show
