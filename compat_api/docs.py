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
        return docs.render_page(request, api)

    return show
