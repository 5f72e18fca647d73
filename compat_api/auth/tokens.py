"""LightRAG's bearer tokens: JWTs with `sub`, `role`, `exp` and `metadata` (docs/lightrag.md A.0).

Signed as upstream signs them, by TOKEN_SECRET itself, so that tokens of a server that was
moved here go on. `metadata` holds, beside upstream's `auth_mode`, whose password opened
(`kind`) and a mark of that password (`state`): who changes it is logged out everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import jwt
from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac

GUEST, USER = "guest", "user"
SUBJECT_LENGTH = 256


class BadToken(Exception):
    """Invalid token"""


class ExpiredToken(BadToken):
    """Token expired"""


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says, once its signature is found good."""

    subject: str
    role: str
    expires: datetime
    kind: str = ""
    state: str = ""

    @property
    def is_guest_s(self) -> bool:
        return self.role == GUEST


def signing_key() -> bytes:
    """TOKEN_SECRET, or one for tokens alone that is derived from SECRET_KEY."""
    secret = settings.LIGHTRAG.access.token_secret
    if secret:
        return str(secret).encode()
    return salted_hmac(
        "compat_api.tokens", settings.SECRET_KEY, algorithm="sha512"
    ).digest()


def lifetime(role: str) -> timedelta:
    """How long a new token holds."""
    access = settings.LIGHTRAG.access
    hours = access.guest_token_hours if role == GUEST else access.token_hours
    return timedelta(hours=hours)


def issue(subject: str, role: str = USER, *, kind: str = "", state: str = "") -> str:
    """A signed token that begins to hold now."""
    metadata = {"auth_mode": "disabled" if role == GUEST else "enabled"}
    if kind:
        metadata |= {"kind": kind, "state": state}
    payload = {
        "sub": subject,
        "role": role,
        "exp": timezone.now() + lifetime(role),
        "metadata": metadata,
    }
    algorithm = settings.LIGHTRAG.access.jwt_algorithm
    return jwt.encode(payload, signing_key(), algorithm=algorithm)


def issue_guest() -> str:
    """A token for whoever uses a server without accounts."""
    return issue(GUEST, GUEST)


def read(text: str) -> Token:
    """Raises BadToken or ExpiredToken. The algorithm is ours, whatever the token says."""
    try:
        payload = jwt.decode(
            text,
            signing_key(),
            algorithms=[settings.LIGHTRAG.access.jwt_algorithm],
            options={"require": ["sub", "exp"]},
        )
    except jwt.ExpiredSignatureError:
        raise ExpiredToken(ExpiredToken.__doc__) from None
    except (jwt.InvalidTokenError, ValueError):
        raise BadToken(BadToken.__doc__) from None
    subject, metadata = payload["sub"], payload.get("metadata")
    if not isinstance(subject, str) or not 0 < len(subject) <= SUBJECT_LENGTH:
        raise BadToken(BadToken.__doc__)
    about = metadata if isinstance(metadata, dict) else {}
    return Token(
        subject,
        str(payload.get("role", USER)),
        datetime.fromtimestamp(payload["exp"], UTC),
        str(about.get("kind", "")),
        str(about.get("state", "")),
    )
