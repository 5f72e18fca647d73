"""Authentication of staff who use the resource API in a browser, by the admin's session."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.http import HttpRequest
from django.middleware.csrf import CsrfViewMiddleware
from rest_framework.exceptions import PermissionDenied

from compat_api.auth import accounts, authentication, callers
from compat_api.auth.callers import Caller
from documents.workspaces.audit import Kind


class CsrfCheck(CsrfViewMiddleware):
    """Django's CSRF check, which returns the reason of a refusal instead of a page."""

    def _reject(self, request: HttpRequest, reason: str) -> Any:
        return reason


def authenticate(request: HttpRequest) -> Caller | None:
    """Return the logged-in staff user as a caller.

    Returns None if the request has a key or a token, no staff user is logged in, or the
    server requires no authentication. Raises PermissionDenied if the CSRF check fails.
    """
    credentials = authentication.credentials_of(request)
    if credentials.bearer or credentials.key:
        return None
    user = getattr(request, "user", None)
    if not isinstance(user, User) or not (user.is_active and user.is_staff):
        return None
    if not authentication.is_configured():
        return None
    check_csrf(request)
    caller = Caller(Kind.USER, user.get_username(), accounts.role_of(user))
    return callers.remember(request, caller)


def check_csrf(request: HttpRequest) -> None:
    """Raise PermissionDenied for a request that another site may have forged."""
    check: Any = CsrfCheck(lambda _: None)  # type: ignore[arg-type]
    check.process_request(request)
    reason = check.process_view(request, None, (), {})
    if reason:
        raise PermissionDenied(f"CSRF Failed: {reason}")
