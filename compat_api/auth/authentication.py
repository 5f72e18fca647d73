"""Who calls, and whether the caller may pass: the same for every dialect.

The order is LightRAG's (docs/lightrag.md A.0), but for three things: its `/api/*` is not open by
default; a bearer token may be an API key, for OpenAI clients know no other way; and a
server that asks nobody for anything does not mind what it is told.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest
from ninja.security import APIKeyHeader

from compat_api.auth import (
    accounts,
    api_keys,
    callers,
    permissions,
    rate_limits,
    token_renewal,
    tokens,
)
from compat_api.auth.callers import ANYONE, GUEST
from compat_api.auth.callers import Caller as Caller
from compat_api.auth.callers import Refused as Refused
from compat_api.auth.permissions import Rule
from retrieval.db_thread import run_and_release

QUERY_PARAMETER = "api_key_header_value"


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a request brought to be known by; empty where it brought nothing."""

    bearer: str
    key: str


def credentials_of(request: HttpRequest) -> Credentials:
    """From `Authorization: Bearer`, `X-API-Key`, or 1.4.4's query parameter."""
    scheme, _, value = request.headers.get("Authorization", "").partition(" ")
    bearer = value.strip() if scheme.lower() == "bearer" else ""
    key = request.headers.get("X-API-Key") or request.GET.get(QUERY_PARAMETER, "")
    return Credentials(bearer, key)


def is_configured() -> bool:
    """Whether anybody is asked for anything at all. One query where no setting says so."""
    return (
        bool(settings.LIGHTRAG.server.api_key)
        or accounts.are_on()
        or api_keys.any_made()
    )


def is_whitelisted(path: str) -> bool:
    """Whether WHITELIST_PATHS opens this path; an entry that ends in `/*` is a prefix."""
    return any(
        path.startswith(entry[:-1]) or path == entry[:-2]
        if entry.endswith("/*")
        else path == entry
        for entry in settings.LIGHTRAG.server.whitelist_paths
    )


def admit(request: HttpRequest, rule: Rule = permissions.of_lightrag) -> Caller:
    """The caller, with the right that `rule` asks for here; raises Refused.

    The request remembers it: `callers.of`.
    """
    open_to_all = is_whitelisted(request.path_info)
    try:
        caller = identify(request)
        caller.require(rule(request))
    except (Refused, DatabaseError):
        if not open_to_all:
            raise
        caller = ANYONE
    if not open_to_all:
        rate_limits.count(request, caller)
    token_renewal.offer(request)
    return callers.remember(request, caller)


def identify(request: HttpRequest) -> Caller:
    """The caller by credentials alone; raises Refused."""
    credentials = credentials_of(request)
    if not is_configured():
        return guest(request, credentials.bearer)
    known = by_bearer(request, credentials.bearer) or api_keys.find(credentials.key)
    if known is None:
        raise refusal(credentials)
    return known


def verify(request: HttpRequest) -> None:
    """Raises Refused unless what was brought is good, also where nothing is asked for."""
    bearer = credentials_of(request).bearer
    if bearer and not is_configured():
        read(bearer)
    identify(request)


def read(bearer: str) -> tokens.Token:
    """Raises Refused for a token that is no good."""
    try:
        return tokens.read(bearer)
    except tokens.BadToken as error:
        raise Refused(401, str(error)) from None


def guest(request: HttpRequest, bearer: str) -> Caller:
    """Anybody, of an open server; a guest's token is kept fresh, others are let be."""
    if bearer:
        try:
            token_renewal.bring(request, tokens.read(bearer))
        except tokens.BadToken:
            return GUEST
    return GUEST


def by_bearer(request: HttpRequest, bearer: str) -> Caller | None:
    """The holder of a key or a token; None for nothing, and for a guest's token where only
    a key opens. Raises Refused for one that is no good."""
    known = api_keys.find(bearer) if bearer else None
    if known or not bearer:
        return known
    token = read(bearer)
    if token.is_guest_s and not accounts.are_on():
        token_renewal.bring(request, token)
        return None
    caller = accounts.caller(token) if accounts.are_on() else None
    if token.is_guest_s or caller is None:
        raise Refused(401, "Invalid token. Please login again.")
    token_renewal.bring(request, token)
    return caller


def refusal(credentials: Credentials) -> Refused:
    """Why nobody was found behind what a request brought."""
    if accounts.are_on() and not credentials.bearer:
        return Refused(401, "No credentials provided. Please login.")
    if credentials.key:
        return Refused(403, "Invalid API Key")
    return Refused(403, "API Key required")


class Door(APIKeyHeader):
    """`admit` as django-ninja wants it, with the scheme that /docs shows.

    The connection that it took to look is given back: a stream may follow.
    """

    param_name = "X-API-Key"

    def __init__(self, rule: Rule) -> None:
        super().__init__()
        self._rule = rule

    def __call__(self, request: HttpRequest) -> Caller:
        """Raises Refused, which the dialect answers in its own shape."""
        return run_and_release(admit, request, self._rule)

    def authenticate(self, request: HttpRequest, key: str | None) -> Caller:
        """The same by django-ninja's other name."""
        return self(request)
