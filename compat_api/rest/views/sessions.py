"""Staff who look at the resource API in a browser, logged in as in the admin."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware
from rest_framework.exceptions import PermissionDenied

from compat_api.auth import accounts, authentication, callers, permissions, rate_limits
from compat_api.auth.callers import Caller
from documents.workspaces.actor import Kind


class Check(CsrfViewMiddleware):
    """Django's check, which tells the reason in place of a page."""

    def _reject(self, request: HttpRequest, reason: str) -> Any:
        return reason


def admit(request: HttpRequest) -> Caller | None:
    """Whoever is logged in, by his permissions; None where a request brought a key or a
    token, nobody is logged in, or nobody is asked for anything.

    Raises Forbidden, and PermissionDenied where another site's page may have sent it.
    """
    if any(
        (
            authentication.credentials_of(request).bearer,
            authentication.credentials_of(request).key,
        )
    ):
        return None
    user = getattr(request, "user", None)
    if not isinstance(user, User) or not (user.is_active and user.is_staff):
        return None
    if not authentication.is_configured():
        return None
    refuse_forgeries(request)
    caller = Caller(Kind.USER, user.get_username(), accounts.right_of(user))
    caller.require(permissions.of_resources(request))
    rate_limits.count(request, caller)
    return callers.remember(request, caller)


def refuse_forgeries(request: HttpRequest) -> None:
    """Raises PermissionDenied."""
    check: Any = Check(lambda _: None)  # type: ignore[arg-type]
    check.process_request(request)
    reason = check.process_view(request, None, (), {})
    if reason:
        raise PermissionDenied(f"CSRF Failed: {reason}")
