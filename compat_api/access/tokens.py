"""LightRAG's bearer tokens: JWTs with `sub`, `role`, `exp` and `metadata.auth_mode`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import jwt
from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac

ALGORITHM = "HS256"
GUEST = "guest"


class BadToken(Exception):
    """Invalid token"""


class ExpiredToken(BadToken):
    """Token expired"""


@dataclass(frozen=True, slots=True)
class Token:
    """What a token says, once its signature is found good."""

    subject: str
    role: str


def signing_key() -> bytes:
    """32 bytes, so that a short TOKEN_SECRET is no weak HMAC key."""
    secret = settings.LIGHTRAG.server.token_secret or settings.SECRET_KEY
    return salted_hmac("compat_api.tokens", secret, algorithm="sha256").digest()


def issue_guest() -> str:
    """A token for whoever uses a server without accounts."""
    hours = settings.LIGHTRAG.server.guest_token_hours
    payload = {
        "sub": GUEST,
        "role": GUEST,
        "exp": timezone.now() + timedelta(hours=hours),
        "metadata": {"auth_mode": "disabled"},
    }
    return jwt.encode(payload, signing_key(), algorithm=ALGORITHM)


def read(text: str) -> Token:
    """Raises BadToken or ExpiredToken. The algorithm is ours, whatever the token says."""
    try:
        payload = jwt.decode(
            text,
            signing_key(),
            algorithms=[ALGORITHM],
            options={"require": ["sub", "exp"]},
        )
    except jwt.ExpiredSignatureError:
        raise ExpiredToken(ExpiredToken.__doc__) from None
    except jwt.InvalidTokenError:
        raise BadToken(BadToken.__doc__) from None
    return Token(str(payload["sub"]), str(payload.get("role", "")))
