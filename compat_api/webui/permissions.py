"""Who may see the pages, and do what on them.

Where nobody is asked for anything by the APIs, nobody is here; else people log in as
Django's users and need the permissions they need in the admin.
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

from compat_api.auth import authentication, callers
from compat_api.auth.callers import ANYONE, GUEST, Caller
from compat_api.webui import errors
from documents.workspaces.actor import Kind

View = Callable[..., HttpResponseBase]
BY_SCRIPT = "X-Page-Script"
"""The header of what the pages' own scripts ask for: they want JSON, not a login page."""


def may(request: HttpRequest, permission: str) -> bool:
    """Whether the caller may do what Django's permission of that name stands for."""
    caller = remembered(request)
    return caller.kind is not Kind.USER or request.user.has_perm(permission)


def remembered(request: HttpRequest) -> Caller:
    """Who looks at the page; found out once a request."""
    known = getattr(request, "caller", None)
    return (
        known if isinstance(known, Caller) else callers.remember(request, of(request))
    )


def of(request: HttpRequest) -> Caller:
    """Somebody who may do anything, where nobody is asked; else the user, if any."""
    if not authentication.is_configured():
        return GUEST
    if authentication.is_whitelisted(request.path_info):
        return ANYONE
    return Caller(Kind.USER, request.user.get_username())


def needs(permission: str) -> Callable[[View], View]:
    """The view, for those who `may`; what fails in it is told in words."""

    def guard(view: View) -> View:
        @wraps(view)
        def answer(request: HttpRequest, *args: Any, **values: Any) -> HttpResponseBase:
            if may(request, permission):
                return errors.told(view, request, *args, **values)
            return refuse(request)

        return protected(answer)

    return guard


def protected(view: View) -> View:
    """The view, its pages never kept by the browser."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **values: Any) -> HttpResponseBase:
        response = view(request, *args, **values)
        response.setdefault("Cache-Control", "no-store")
        return response

    return answer


def refuse(request: HttpRequest) -> HttpResponse:
    """To the login, or a plain no for those who are logged in already."""
    known = request.user.is_authenticated
    if request.headers.get(BY_SCRIPT):
        words = gettext("You may not do this.") if known else gettext("Please log in.")
        return JsonResponse({"detail": words}, status=403 if known else 401)
    if known:
        return render(request, "pages/refused.html", status=403)
    query = urlencode({"next": request.get_full_path()})
    return HttpResponseRedirect(f"{reverse('pages:login')}?{query}")
