"""Django's middleware, adapted to an API in the event loop.

Under ASGI Django runs each hook of its own middleware in a thread, about twenty
switches per request. An API request has neither session nor form, so it skips the
middleware of pages. The rest runs in the event loop
(docs/adr/0009-one-middleware-stack.md).
"""

from __future__ import annotations

from typing import Any, cast

from asgiref.sync import sync_to_async
from django.contrib.auth import middleware as auth
from django.contrib.messages import middleware as messages
from django.contrib.sessions import middleware as sessions
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware import clickjacking, common, csrf, locale, security
from django.utils.deprecation import MiddlewareMixin
from servestatic import (  # type: ignore[import-untyped]
    middleware as servestatic,
)

from compat_api.auth import rate_counter
from compat_api.auth.callers import Caller, TooMany
from documents.workspaces.audit import Kind
from lightrag_site.serving import content_policy

PAGES = ("/admin", "/webui", "/resources", "/static", "/docs", "/redoc")
"""Paths of requests that need all middleware: sessions, forms, languages, policies."""


def is_page(request: HttpRequest) -> bool:
    """Return whether the request is for a page and not for an API."""
    return request.path_info.startswith(PAGES)


class InEventLoop(MiddlewareMixin):
    """Middleware whose hooks never block, so they need no thread."""

    async def __acall__(self, request: HttpRequest) -> HttpResponseBase:
        """Call the hooks and the next middleware."""
        hooks = cast("Any", self)
        response = None
        if hasattr(self, "process_request"):
            response = hooks.process_request(request)
        response = response or await cast("Any", self.get_response)(request)
        return cast("HttpResponseBase", hooks.process_response(request, response))


class ForPages:
    """Middleware that passes requests of an API on unchanged."""

    get_response: Any

    def __call__(self, request: HttpRequest) -> Any:
        """Process a page; call the next middleware for an API."""
        if is_page(request):
            return super().__call__(request)  # type: ignore[misc]
        return self.get_response(request)


class SecurityMiddleware(InEventLoop, security.SecurityMiddleware):
    """Security headers, and the redirect to HTTPS."""


class CommonMiddleware(InEventLoop, common.CommonMiddleware):
    """Trailing slashes and Content-Length."""


class ServeStaticMiddleware(
    ForPages,
    servestatic.ServeStaticMiddleware,  # type: ignore[misc]
):
    """Static files."""


class ContentPolicy(ForPages, content_policy.ContentPolicy):
    """Content security policy."""


class SessionMiddleware(ForPages, sessions.SessionMiddleware):
    """Sessions."""


class LocaleMiddleware(ForPages, locale.LocaleMiddleware):
    """The user's language."""


class CsrfViewMiddleware(ForPages, csrf.CsrfViewMiddleware):
    """Protection of forms; the views of the APIs are exempt from it."""

    def __init__(self, get_response: Any) -> None:
        super().__init__(get_response)
        if self.async_mode:
            # Django would call a synchronous hook in a thread for API requests, too.
            check = sync_to_async(super().process_view)

            async def process_view(request: HttpRequest, *args: Any) -> Any:
                return await check(request, *args) if is_page(request) else None

            self.process_view = process_view  # type: ignore[method-assign, assignment]


class AuthenticationMiddleware(ForPages, auth.AuthenticationMiddleware):
    """The logged-in user."""


class AdminRateMiddleware(ForPages, MiddlewareMixin):
    """REQUESTS_PER_MINUTE in the admin; the views of the other pages count themselves."""

    def process_request(self, request: HttpRequest) -> HttpResponseBase | None:
        """Count a request of a user who is logged in; answer 429."""
        user = request.user
        if not request.path_info.startswith("/admin") or not user.is_authenticated:
            return None
        try:
            rate_counter.count_request(request, Caller(Kind.USER, user.get_username()))
        except TooMany as error:
            headers = {"Retry-After": str(error.retry_after)}
            return HttpResponse(error.detail, status=429, headers=headers)
        return None


class MessageMiddleware(ForPages, messages.MessageMiddleware):
    """Messages shown on the next page."""


class XFrameOptionsMiddleware(InEventLoop, clickjacking.XFrameOptionsMiddleware):
    """Protection against clickjacking in browsers without CSP."""
