"""Who calls, and whether the caller may pass: the same for every dialect.

The order is LightRAG's (UPSTREAM a.0), but for two things: its `/api/*` is not open
by default, and a bearer token may be the API key, for OpenAI clients know no other way.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils.crypto import constant_time_compare
from ninja.security import APIKeyHeader

from compat_api.access import callers, rights, tokens
from compat_api.access.callers import ANYONE, GUEST, KEY_HOLDER
from compat_api.access.callers import Caller as Caller
from compat_api.access.callers import Refused as Refused
from compat_api.access.rights import Rule

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
    """Whether anybody is asked for anything at all."""
    return bool(settings.LIGHTRAG.server.api_key)


def is_whitelisted(path: str) -> bool:
    """Whether WHITELIST_PATHS opens this path; an entry that ends in `/*` is a prefix."""
    return any(
        path.startswith(entry[:-1]) or path == entry[:-2]
        if entry.endswith("/*")
        else path == entry
        for entry in settings.LIGHTRAG.server.whitelist_paths
    )


def admit(request: HttpRequest, rule: Rule = rights.of_lightrag) -> Caller:
    """The caller, with the right that `rule` asks for here; raises Refused.

    The request remembers it: `callers.of`.
    """
    try:
        caller = identify(request)
        caller.require(rule(request))
    except Refused:
        if not is_whitelisted(request.path_info):
            raise
        caller = ANYONE
    return callers.remember(request, caller)


def identify(request: HttpRequest) -> Caller:
    """The caller by credentials alone; raises Refused."""
    if not is_configured():
        return GUEST
    credentials = credentials_of(request)
    if is_key(credentials.key) or is_key(credentials.bearer):
        return KEY_HOLDER
    if credentials.bearer:
        check_guest(credentials.bearer)
    if credentials.key:
        raise Refused(403, "Invalid API Key")
    raise Refused(403, "API Key required")


def is_key(value: str) -> bool:
    """Whether this is the server's key, in a time that tells nothing of it."""
    return constant_time_compare(value, settings.LIGHTRAG.server.api_key)


def check_guest(bearer: str) -> None:
    """A guest's token is no reason to refuse, nor enough to pass; raises Refused."""
    try:
        token = tokens.read(bearer)
    except tokens.BadToken as error:
        raise Refused(401, str(error)) from None
    if token.role != tokens.GUEST:
        raise Refused(401, "Invalid token. Please login again.")


class Door(APIKeyHeader):
    """`admit` as django-ninja wants it, with the scheme that /docs shows."""

    param_name = "X-API-Key"

    def __init__(self, rule: Rule) -> None:
        super().__init__()
        self._rule = rule

    def __call__(self, request: HttpRequest) -> Caller:
        """Raises Refused, which the dialect answers in its own shape."""
        return admit(request, self._rule)

    def authenticate(self, request: HttpRequest, key: str | None) -> Caller:
        """The same by django-ninja's other name."""
        return admit(request, self._rule)
