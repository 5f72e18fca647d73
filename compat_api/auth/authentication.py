"""Authentication and authorization of a request, the same for every dialect.

The order of the checks is LightRAG's (docs/lightrag.md A.0), with three differences:
`/api/*` is not open by default; a bearer token may be an API key, because OpenAI clients
have no other header; and an open server ignores invalid credentials.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, cast

from asgiref.sync import iscoroutinefunction
from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.decorators import sync_and_async_middleware

from compat_api.auth import (
    accounts,
    api_keys,
    callers,
    lockout,
    rate_counter,
    tokens,
)
from compat_api.auth.callers import ANYONE, GUEST, Caller, Refused
from compat_api.models import Role
from documents.workspaces import audit

QUERY_PARAMETER = "api_key_header_value"
View = Callable[[HttpRequest], HttpResponseBase | Awaitable[HttpResponseBase]]
IDENTITY = "lightrag.identity"
"""Key of the ASGI scope with the identity that was determined before the body was read."""


class ExpiredLogin(Refused):
    """The token was valid, but has expired. It does not count as a failed attempt."""


@dataclass(frozen=True, slots=True)
class Identity:
    """The caller of a request or why there is none, and the token that was sent."""

    caller: Caller | None
    refused: Refused | None
    token: tokens.Token | None


@dataclass(frozen=True, slots=True)
class Credentials:
    """Credentials of a request; empty strings where it has none."""

    bearer: str
    key: str


def credentials_of(request: HttpRequest) -> Credentials:
    """Read `Authorization: Bearer`, `X-API-Key`, or the query parameter of 1.4.4."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    bearer = value.strip() if scheme.lower() == "bearer" else ""
    key = request.headers.get("X-API-Key") or request.GET.get(QUERY_PARAMETER, "")
    return Credentials(bearer, key)


def is_configured() -> bool:
    """Return whether callers must authenticate. One query if no setting requires it."""
    return (
        bool(settings.LIGHTRAG.server.api_key)
        or accounts.are_enabled()
        or api_keys.any_created()
    )


def is_whitelisted(path: str) -> bool:
    """Return whether WHITELIST_PATHS opens a path; an entry ending in `/*` is a prefix."""
    return any(
        path.startswith(entry[:-1]) or path == entry[:-2]
        if entry.endswith("/*")
        else path == entry
        for entry in settings.LIGHTRAG.server.whitelist_paths
    )


def admit(request: HttpRequest, role: Role, *, renews_token: bool = True) -> Caller:
    """Authenticate, authorize and count a request; return its caller.

    Raises Refused. `callers.of(request)` returns the caller from then on.
    """
    caller = authorize(request, authenticate(request), role)
    finish(request, caller, renews_token=renews_token)
    return caller


def authenticate(request: HttpRequest) -> Caller:
    """Return the caller; raise Refused unless the path is whitelisted."""
    try:
        caller = identify(request)
    except (Refused, DatabaseError):
        if not is_whitelisted(request.path_info):
            raise
        caller = ANYONE
    return callers.remember(request, caller)


def authorize(request: HttpRequest, caller: Caller, role: Role) -> Caller:
    """Return the caller if it has the role; raise Forbidden unless whitelisted."""
    if caller.role < role and is_whitelisted(request.path_info):
        return callers.remember(request, ANYONE)
    caller.require(role)
    return caller


def finish(request: HttpRequest, caller: Caller, *, renews_token: bool = True) -> None:
    """Count an admitted request and renew its token if due; raise TooMany."""
    if not is_whitelisted(request.path_info):
        rate_counter.count_request(request, caller)
    if renews_token:
        tokens.renew_if_due(request)


def identify(request: HttpRequest) -> Caller:
    """Return the caller by its credentials alone, once per request; raise Refused."""
    scope: dict[str, Any] = getattr(request, "scope", {})
    identity = scope.get(IDENTITY)
    if not isinstance(identity, Identity):
        identity = scope[IDENTITY] = _identity(request)
    if identity.token:
        tokens.remember_token(request, identity.token)
    if identity.caller is None:
        raise identity.refused or Refused(401, "Invalid token. Please login again.")
    return identity.caller


def _identity(request: HttpRequest) -> Identity:
    try:
        caller, refused = look_up(request), None
    except Refused as error:
        caller, refused = None, error
    return Identity(caller, refused, getattr(request, "token", None))


def look_up(request: HttpRequest) -> Caller:
    """Return the caller of the credentials; count invalid ones. Raises Refused."""
    credentials = credentials_of(request)
    if not is_configured():
        return guest(request, credentials.bearer)
    text = f"{credentials.bearer} {credentials.key}".strip()
    if not text:
        raise refusal(credentials)
    network = callers.network_of(request)
    lockout.count_credentials(network, text)
    try:
        caller = by_bearer(request, credentials.bearer)
        caller = caller or api_keys.find(credentials.key)
    except ExpiredLogin:
        lockout.confirm_credentials(network, text)
        raise
    if caller or not credentials.key:  # a guest's token is not counted either
        lockout.confirm_credentials(network, text)
    if caller is None:
        raise refusal(credentials)
    return caller


def verify(request: HttpRequest) -> None:
    """Raise Refused unless the credentials are valid, on an open server as well."""
    bearer = credentials_of(request).bearer
    if bearer and not is_configured():
        read_token(bearer)
    identify(request)


def read_token(bearer: str) -> tokens.Token:
    """Return the decoded token; raise Refused for an invalid one."""
    try:
        return tokens.read(bearer)
    except tokens.ExpiredToken as error:
        raise ExpiredLogin(401, str(error)) from None
    except tokens.InvalidToken as error:
        raise Refused(401, str(error)) from None


def guest(request: HttpRequest, bearer: str) -> Caller:
    """Return the guest of an open server; a guest's token can be renewed."""
    if bearer:
        try:
            tokens.remember_token(request, tokens.read(bearer))
        except tokens.InvalidToken:
            return GUEST
    return GUEST


def by_bearer(request: HttpRequest, bearer: str) -> Caller | None:
    """Return the owner of an API key or token sent as bearer; raise Refused if invalid.

    Returns None without a bearer, and for a guest's token where only API keys are valid.
    """
    caller = api_keys.find(bearer) if bearer else None
    if caller or not bearer:
        return caller
    token = read_token(bearer)
    if token.is_guest and not accounts.are_enabled():
        tokens.remember_token(request, token)
        return None
    caller = accounts.caller_of(token) if accounts.are_enabled() else None
    if token.is_guest or caller is None:
        raise Refused(401, "Invalid token. Please login again.")
    tokens.remember_token(request, token)
    return caller


def refusal(credentials: Credentials) -> Refused:
    """Return the error for credentials that identify no caller."""
    if accounts.are_enabled() and not credentials.bearer:
        return Refused(401, "No credentials provided. Please login.")
    if credentials.key:
        return Refused(403, "Invalid API Key")
    return Refused(403, "API Key required")


def add_headers(request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
    """Add the new token, or the lockout of a login form, to the response."""
    token = tokens.new_token(request)
    if token:
        response[tokens.RENEWAL_HEADER] = token
    retry_after = getattr(request, "retry_after", 0)
    if retry_after:  # set by LoginForm
        response.status_code = 429
        response["Retry-After"] = str(retry_after)
    return response


@sync_and_async_middleware
def ActorMiddleware(get_response: View) -> View:  # noqa: N802 - named in MIDDLEWARE
    """Attribute a request's changes to its caller, and call `add_headers`.

    Must come after Django's AuthenticationMiddleware.
    """
    if iscoroutinefunction(get_response):

        async def handle_async(request: HttpRequest) -> HttpResponseBase:
            # The actor is not reset: each request is a task of its own, and its
            # stream outlives this function.
            callers.set_actor(request)
            response = await cast("Awaitable[HttpResponseBase]", get_response(request))
            return add_headers(request, response)

        return handle_async

    def handle(request: HttpRequest) -> HttpResponseBase:
        token = callers.set_actor(request)
        try:
            response = cast("HttpResponseBase", get_response(request))
            return add_headers(request, response)
        finally:
            audit.reset_provider(token)

    return handle
