"""Who may call the resource API: whoever `compat_api.auth.authentication` admits, and staff logged in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import (
    AuthenticationFailed,
    PermissionDenied,
    Throttled,
)
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from compat_api.auth import authentication, permissions
from compat_api.auth.authentication import Caller, Refused
from compat_api.auth.callers import TooMany
from compat_api.rest.views import sessions

if TYPE_CHECKING:  # REST framework's settings name this module before it has views
    from rest_framework.views import APIView


class Admission(BaseAuthentication):
    """Both doors as REST framework wants them; the caller is `request.auth`."""

    def authenticate(self, request: Request) -> tuple[Any, Caller]:
        """Raises AuthenticationFailed (401), PermissionDenied (403) or Throttled (429)."""
        inner = request._request
        try:
            caller = sessions.admit(inner) or authentication.admit(
                inner, permissions.of_resources
            )
            return inner.user, caller
        except TooMany as error:
            raise Throttled(error.retry_after) from None
        except Refused as error:
            kind = AuthenticationFailed if error.status == 401 else PermissionDenied
            raise kind(error.detail) from None

    def authenticate_header(self, request: Request) -> str:
        """Without one REST framework would answer 403 for 401."""
        return "Bearer"


class Admitted(BasePermission):
    """Whether the caller was let in at all."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """By `Admission`, which has looked at the request when this is asked."""
        return isinstance(request.auth, Caller)
