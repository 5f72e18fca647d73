"""LightRAG's bearer tokens: JWTs with `sub`, `role`, `exp` and `metadata` (docs/lightrag.md A.0).

They are signed with TOKEN_SECRET itself, as by LightRAG, so tokens of a server that was
migrated stay valid. In addition to LightRAG's `auth_mode`, `metadata` contains the kind of
account (`kind`) and a digest of its password (`state`): a new password ends all logins.

A request with a token that is about to expire gets a new one in the header `X-New-Token`.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import salted_hmac

from compat_api.auth import rate_counter

RENEWAL_HEADER = "X-New-Token"
MIN_RENEWAL_INTERVAL = 60
"""Seconds between two new tokens of one subject, at least."""
GUEST, USER = "guest", "user"
MAX_SUBJECT_LENGTH = 256


class InvalidToken(Exception):
    """The token has no valid signature, or lacks a field."""

    def __init__(self, message: str = "Invalid token") -> None:
        super().__init__(message)


class ExpiredToken(InvalidToken):
    """The token was valid, but has expired."""

    def __init__(self) -> None:
        super().__init__("Token expired")


@dataclass(frozen=True, slots=True)
class Token:
    """Contents of a token with a valid signature."""

    subject: str
    role: str
    expires: datetime
    kind: str = ""
    state: str = ""
    login_id: str = ""
    """Random id of the login, which renewals keep; empty in LightRAG's own tokens."""
    login: datetime | None = None
    """Time of the login, which renewals keep; None in LightRAG's own tokens."""

    @property
    def is_guest(self) -> bool:
        return self.role == GUEST


def signing_key() -> bytes:
    """Return TOKEN_SECRET, or a key derived from SECRET_KEY."""
    secret = settings.LIGHTRAG.access.token_secret
    if secret:
        return str(secret).encode()
    return salted_hmac(
        "compat_api.tokens", settings.SECRET_KEY, algorithm="sha512"
    ).digest()


def lifetime(role: str) -> timedelta:
    """Return the lifetime of a new token."""
    access = settings.LIGHTRAG.access
    hours = access.guest_token_hours if role == GUEST else access.token_hours
    return timedelta(hours=hours)


def issue(
    subject: str,
    role: str = USER,
    *,
    kind: str = "",
    state: str = "",
    renewed: Token | None = None,
) -> str:
    """Return a signed token that is valid from now on, for a new login or a `renewed` one."""
    now = timezone.now()
    metadata: dict[str, Any] = {
        "auth_mode": "disabled" if role == GUEST else "enabled",
        "login": ((renewed and renewed.login) or now).timestamp(),
    }
    if kind:
        metadata |= {"kind": kind, "state": state}
    payload = {
        "sub": subject,
        "role": role,
        "iat": now,
        "jti": (renewed and renewed.login_id) or secrets.token_urlsafe(12),
        "exp": now + lifetime(role),
        "metadata": metadata,
    }
    import jwt  # it loads all of `cryptography`, 8 MB, before the first login

    algorithm = settings.LIGHTRAG.access.jwt_algorithm
    return jwt.encode(payload, signing_key(), algorithm=algorithm)


def issue_guest() -> str:
    """Return a token for the users of a server without accounts."""
    return issue(GUEST, GUEST)


def read(text: str) -> Token:
    """Return the verified contents of a token; raise InvalidToken or ExpiredToken.

    The algorithm is that of JWT_ALGORITHM; the one that the token names is ignored.
    """
    import jwt

    try:
        payload = jwt.decode(
            text,
            signing_key(),
            algorithms=[settings.LIGHTRAG.access.jwt_algorithm],
            options={"require": ["sub", "exp"]},
        )
    except jwt.ExpiredSignatureError:
        raise ExpiredToken from None
    except (jwt.InvalidTokenError, ValueError):
        raise InvalidToken from None
    subject, metadata = payload["sub"], payload.get("metadata")
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT_LENGTH:
        raise InvalidToken
    details = metadata if isinstance(metadata, dict) else {}
    return Token(
        subject,
        str(payload.get("role", USER)),
        datetime.fromtimestamp(payload["exp"], UTC),
        str(details.get("kind", "")),
        str(details.get("state", "")),
        str(payload.get("jti", "")),
        _time(details.get("login")),
    )


def _time(value: object) -> datetime | None:
    if not isinstance(value, int | float):
        return None
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, OSError, ValueError):
        return None


def remember_token(request: HttpRequest, token: Token) -> None:
    """Store the token that the request was sent with."""
    request.token = token  # type: ignore[attr-defined]


def renew_if_due(request: HttpRequest) -> None:
    """Create the new token that the response will carry, if the old one expires soon.

    Operations that pages poll do not renew a token: see `permissions.POLL`.
    """
    token = getattr(request, "token", None)
    if isinstance(token, Token) and is_due(token):
        limit = rate_counter.limit(1, MIN_RENEWAL_INTERVAL)
        if rate_counter.counter().hit(limit, "renewal", token.subject):
            request.new_token = issue(  # type: ignore[attr-defined]
                token.subject,
                token.role,
                kind=token.kind,
                state=token.state,
                renewed=token,
            )


def is_due(token: Token) -> bool:
    """Return whether the remaining lifetime is below TOKEN_RENEW_THRESHOLD."""
    access = settings.LIGHTRAG.access
    if not access.token_auto_renew or _is_old(token):
        return False
    remaining = token.expires - timezone.now()
    return remaining < lifetime(token.role) * access.token_renew_threshold


def _is_old(token: Token) -> bool:
    """Return whether the login was more than TOKEN_MAX_HOURS ago."""
    hours = settings.LIGHTRAG.access.token_max_hours
    if not hours or token.login is None:
        return False
    return timezone.now() - token.login > timedelta(hours=hours)


def new_token(request: HttpRequest) -> str:
    """Return the new token of the request, or an empty string."""
    return str(getattr(request, "new_token", ""))
