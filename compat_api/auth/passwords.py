"""Passwords of AUTH_ACCOUNTS: plain text, or `{bcrypt}` and a hash (docs/lightrag.md A.0)."""

from __future__ import annotations

import bcrypt
from django.utils.crypto import constant_time_compare

BCRYPT = "{bcrypt}"
ROUNDS = 12
"""Cost of bcrypt, as in LightRAG's own tool."""
MAX_BYTES = 72
"""Length of a password that bcrypt reads."""
DUMMY_HASH = "$2b$12$Oa33UH37OpnpRU4ZAanWceFjtRsm/LKp4/bahaPS3sDYt62fcPJY6"
"""Hash of no known password, compared so that every attempt takes the same time."""


def hashed(password: str) -> str:
    """Return the hashed password in the form of AUTH_ACCOUNTS.

    Raises ValueError for more than MAX_BYTES.
    """
    if len(password.encode()) > MAX_BYTES:
        raise ValueError(
            f"The password is longer than {MAX_BYTES} bytes, the limit of bcrypt."
        )
    return BCRYPT + bcrypt.hashpw(password.encode(), bcrypt.gensalt(ROUNDS)).decode()


def matches(password: str, stored: str | None) -> bool:
    """Return whether the password is the stored one (None: there is no account).

    Takes the time of one bcrypt comparison in every case.
    """
    if stored is not None and stored.startswith(BCRYPT):
        return _matches_hash(password, stored.removeprefix(BCRYPT))
    _matches_hash(password, DUMMY_HASH)
    return stored is not None and constant_time_compare(password, stored)


def _matches_hash(password: str, stored_hash: str) -> bool:
    """Return whether the hash matches; bcrypt would truncate long passwords."""
    encoded = password.encode()
    try:
        is_equal = bcrypt.checkpw(encoded[:MAX_BYTES], stored_hash.encode())
        return is_equal and len(encoded) <= MAX_BYTES
    except ValueError:  # not a bcrypt hash
        return False
