"""Renewal of login tokens while they are in use (docs/lightrag.md A.0).

A request with a token that is about to expire gets a new one in the header `X-New-Token`.
Operations that pages poll do not renew a token: see `permissions.POLL`.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from compat_api.auth import rate_counter, tokens
from compat_api.auth.tokens import Token

HEADER = "X-New-Token"
MIN_INTERVAL = 60
"""Seconds between two new tokens of one subject, at least."""


def remember(request: HttpRequest, token: Token) -> None:
    """Store the token that the request was sent with."""
    request.token = token  # type: ignore[attr-defined]


def renew_if_due(request: HttpRequest) -> None:
    """Create the new token that the response will carry, if the old one expires soon."""
    token = getattr(request, "token", None)
    if isinstance(token, Token) and is_due(token):
        limit = rate_counter.limit(1, MIN_INTERVAL)
        if rate_counter.counter().hit(limit, "renewal", token.subject):
            request.new_token = tokens.issue(  # type: ignore[attr-defined]
                token.subject, token.role, kind=token.kind, state=token.state
            )


def is_due(token: Token) -> bool:
    """Return whether the remaining lifetime is below TOKEN_RENEW_THRESHOLD."""
    access = settings.LIGHTRAG.access
    if not access.token_auto_renew:
        return False
    remaining = token.expires - timezone.now()
    return remaining < tokens.lifetime(token.role) * access.token_renew_threshold


def new_token(request: HttpRequest) -> str:
    """Return the new token of the request, or an empty string."""
    return str(getattr(request, "new_token", ""))
