"""Authentication, permission and rate limit of the resource API, for REST framework.

They are three classes, because the browsable pages check the permission of every method
to decide which forms to show. These checks must not count as requests.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import (
    APIException,
    AuthenticationFailed,
    PermissionDenied,
    Throttled,
)
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from compat_api.auth import authentication, permissions
from compat_api.auth.callers import Caller, Refused, TooMany
from compat_api.rest import session_authentication

if TYPE_CHECKING:  # REST framework's settings name this module before it has views
    from rest_framework.views import APIView


class CallerAuthentication(BaseAuthentication):
    """Authentication by API key, token or session; the caller is `request.auth`."""

    def authenticate(self, request: Request) -> tuple[Any, Caller]:
        """Return the user and the caller; raise AuthenticationFailed (401) or 403."""
        inner = request._request
        try:
            caller = session_authentication.authenticate(
                inner
            ) or authentication.authenticate(inner)
        except Refused as error:
            raise as_api_exception(error) from None
        return inner.user, caller

    def authenticate_header(self, request: Request) -> str:
        """Return the challenge; without one REST framework answers 403, not 401."""
        return "Bearer"


class RoleByMethod(BasePermission):
    """Permission of a resource: role read for GET, HEAD and OPTIONS, otherwise write."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Raise PermissionDenied unless the caller has the role."""
        if not isinstance(request.auth, Caller):
            return False
        role = permissions.role_by_method(request.method)
        try:
            authentication.authorize(request._request, request.auth, role)
        except Refused as error:
            raise as_api_exception(error) from None
        return True


class Undeclared(BasePermission):
    """Default permission: a view that declares none refuses all requests."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Return False."""
        return False


class CallerRate(BaseThrottle):
    """Limit on the requests per minute of a caller."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        """Count the request, and renew its token if due; raise Throttled (429)."""
        if isinstance(request.auth, Caller):
            try:
                authentication.finish(request._request, request.auth)
            except TooMany as error:
                raise Throttled(error.retry_after) from None
        return True


def as_api_exception(error: Refused) -> APIException:
    """Return REST framework's exception for a refusal."""
    kind = AuthenticationFailed if error.status == 401 else PermissionDenied
    return kind(error.detail)
