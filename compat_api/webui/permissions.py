"""Permissions for the pages.

If the APIs need no authentication, neither do the pages. Otherwise users log in and need
the same permissions as in the admin.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext

from compat_api.auth import authentication, callers, rate_counter
from compat_api.auth.callers import ANYONE, GUEST, Caller, TooMany
from compat_api.webui import errors
from documents.workspaces.audit import Kind

View = Callable[..., HttpResponseBase]
SCRIPT_HEADER = "X-Page-Script"
"""Header of requests by the pages' scripts: they expect JSON instead of the login page."""


def may(request: HttpRequest, permission: str) -> bool:
    """Return True if the caller has Django's permission of that name."""
    caller = caller_of(request)
    return caller.kind is not Kind.USER or request.user.has_perm(permission)


def caller_of(request: HttpRequest) -> Caller:
    """Return the caller, determined once per request."""
    caller = getattr(request, "caller", None)
    if isinstance(caller, Caller):
        return caller
    return callers.remember(request, identify(request))


def identify(request: HttpRequest) -> Caller:
    """Return the user, or a caller with all permissions if the server is open."""
    if not authentication.is_configured():
        return GUEST
    if authentication.is_whitelisted(request.path_info):
        return ANYONE
    return Caller(Kind.USER, request.user.get_username())


def needs(permission: str) -> Callable[[View], View]:
    """Require a permission for the view, and turn its exceptions into responses."""

    def decorator(view: View) -> View:
        @wraps(view)
        def checked(
            request: HttpRequest, *args: Any, **values: Any
        ) -> HttpResponseBase:
            if not may(request, permission):
                return refuse(request)
            try:
                rate_counter.count_request(request, caller_of(request))
            except TooMany as error:
                return too_many(error)
            return errors.handle(view, request, *args, **values)

        checked.permission = permission  # type: ignore[attr-defined]  # for the test
        return not_cached(checked)

    return decorator


def not_cached(view: View) -> View:
    """Forbid browsers to cache the responses of the view."""

    @wraps(view)
    def uncached(request: HttpRequest, *args: Any, **values: Any) -> HttpResponseBase:
        response = view(request, *args, **values)
        response.setdefault("Cache-Control", "no-store")
        return response

    return uncached


def refuse(request: HttpRequest) -> HttpResponse:
    """Redirect to the login page, or answer 403 to a user who is logged in."""
    logged_in = request.user.is_authenticated
    if request.headers.get(SCRIPT_HEADER):
        if logged_in:
            return _error(gettext("You don't have permission to do this."), 403)
        return _error(gettext("Please log in."), 401)
    if logged_in:
        return render(request, "webui/permission_denied.html", status=403)
    query = urlencode({"next": request.get_full_path()})
    return HttpResponseRedirect(f"{reverse('webui:login')}?{query}")


def too_many(error: TooMany) -> HttpResponse:
    """Answer 429 to a caller that exceeded its rate limit."""
    response = _error(error.detail, 429)
    response["Retry-After"] = str(error.retry_after)
    return response


def _error(detail: str, status: int) -> JsonResponse:
    return JsonResponse({"detail": detail}, status=status)
