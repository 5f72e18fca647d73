"""Tokens of those who go on working are made anew before they end (docs/lightrag.md A.0).

The new one is offered with the answer, as `X-New-Token`. What a page asks again and again
by itself renews nothing: nobody may be there.
"""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from compat_api.auth import rate_counter, tokens
from compat_api.auth.tokens import Token

HEADER = "X-New-Token"
ASKED_BY_ITSELF = ("/health", "/documents/paginated", "/documents/pipeline_status")
ONCE_IN = 60
"""Seconds in which one subject gets one new token at most."""


def bring(request: HttpRequest, token: Token) -> None:
    """Note that the request came with this token."""
    request.token = token  # type: ignore[attr-defined]


def offer(request: HttpRequest) -> None:
    """Have the answer to a request that was let in carry a new token, if it is time."""
    token = getattr(request, "token", None)
    if isinstance(token, Token) and is_due(token, request.path_info):
        once = rate_counter.per(ONCE_IN, 1)
        if rate_counter.counts().hit(once, "renewal", token.subject):
            request.new_token = tokens.issue(  # type: ignore[attr-defined]
                token.subject, token.role, kind=token.kind, state=token.state
            )


def is_due(token: Token, path: str) -> bool:
    """Whether so little of its time is left that it is renewed here."""
    access = settings.LIGHTRAG.access
    if not access.token_auto_renew:
        return False
    if any(path == one or path.startswith(f"{one}/") for one in ASKED_BY_ITSELF):
        return False
    left = token.expires - timezone.now()
    return left < tokens.lifetime(token.role) * access.token_renew_threshold


def offered(request: HttpRequest) -> str:
    """The new token, if there is one."""
    return str(getattr(request, "new_token", ""))
