"""Requests of the API, without the middleware that only pages need.

Django runs each hook of its own middleware in a thread, twenty changes of thread for a
request that has neither session nor form. What is left here runs in the event loop.
"""

from __future__ import annotations

from typing import Any, cast

from django.core.handlers.asgi import ASGIHandler
from django.core.handlers.exception import convert_exception_to_response
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.middleware.common import CommonMiddleware
from django.middleware.security import SecurityMiddleware
from django.utils.deprecation import MiddlewareMixin

from compat_api.auth.actor_middleware import Acting
from compat_api.http.asgi import Application, Receive, Scope, Send
from compat_api.http.json_errors import JsonErrors
from lightrag_site.observability.request_ids import RequestIdMiddleware

PAGES = ("/admin", "/webui", "/resources", "/static", "/docs", "/redoc")
"""Where `settings.MIDDLEWARE` is needed whole: sessions, forms, languages, policies."""


class InLoop(MiddlewareMixin):
    """For middleware whose hooks wait for nothing."""

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        """The response, its hooks called where they are."""
        hooks = cast("Any", self)
        answered = hooks.process_request(request)
        response = answered or await cast("Any", self.get_response)(request)
        return cast("HttpResponseBase", hooks.process_response(request, response))


class Security(InLoop, SecurityMiddleware):
    """Headers, and the way to HTTPS."""


class Common(InLoop, CommonMiddleware):
    """Slashes and lengths."""


MIDDLEWARE = (RequestIdMiddleware, Security, Common, Acting, JsonErrors)
"""The outermost first, in the order that `settings.MIDDLEWARE` has them."""


class ApiHandler(ASGIHandler):
    """Django's handler with `MIDDLEWARE` in place of the settings'."""

    def load_middleware(self, is_async: bool = False) -> None:  # noqa: FBT001, FBT002 - Django's
        """Called once, by Django."""
        handler = cast("Any", convert_exception_to_response(self._answer))
        for middleware in reversed(MIDDLEWARE):
            handler = convert_exception_to_response(cast("Any", middleware)(handler))
        self._view_middleware: list[Any] = []
        self._template_response_middleware: list[Any] = []
        self._exception_middleware: list[Any] = []
        self._middleware_chain = handler

    async def _answer(self, request: HttpRequest) -> HttpResponseBase:
        """The view's response: what Django calls innermost."""
        respond = cast("Any", self)._get_response_async
        return cast("HttpResponseBase", await respond(request))


class ByPath:
    """ASGI application: pages to one handler, everything else to the other."""

    def __init__(self, pages: Application, api: Application) -> None:
        self._pages = pages
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand the request to whom it belongs, below the prefix that UrlPrefix took off.

        ASGI wants a path whole: Django makes links and ways back of it.
        """
        path = scope.get("path", "")
        handler = self._pages if path.startswith(PAGES) else self._api
        whole = scope.get("root_path", "") + path
        await handler({**scope, "path": whole}, receive, send)
