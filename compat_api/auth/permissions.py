"""Permissions of API operations, declared at the route: `@router.get(…, auth=READ)`."""

from __future__ import annotations

from django.http import HttpRequest
from ninja.security import APIKeyHeader

from compat_api.auth import authentication
from compat_api.auth.callers import Caller
from compat_api.models import Role
from retrieval.db_thread import run_and_release

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


class APIKeyAuth(APIKeyHeader):
    """Permission of a django-ninja operation: the role that its caller needs.

    `renews_token` is False for operations that pages poll: such a request does not
    show that a person is present, so it does not extend the person's login.
    """

    param_name = "X-API-Key"

    def __init__(self, role: Role, *, renews_token: bool = True) -> None:
        super().__init__()
        self.role = role
        self._renews_token = renews_token

    def __call__(self, request: HttpRequest) -> Caller:
        """Return the caller; raise Refused, which each dialect answers in its own way.

        The database connection is released afterwards, because a stream may follow.
        """
        return run_and_release(self._admit, request)

    def authenticate(self, request: HttpRequest, key: str | None) -> Caller:
        """Return the caller (django-ninja's abstract method)."""
        return self(request)

    def _admit(self, request: HttpRequest) -> Caller:
        return authentication.admit(request, self.role, renews_token=self._renews_token)


READ = APIKeyAuth(Role.READ)
POLL = APIKeyAuth(Role.READ, renews_token=False)
WRITE = APIKeyAuth(Role.WRITE)
ADMIN = APIKeyAuth(Role.ADMIN)


def role_by_method(method: str | None) -> Role:
    """Return the role that the resource API requires for an HTTP method."""
    return Role.READ if method in SAFE_METHODS else Role.WRITE
