"""Passwords of AUTH_ACCOUNTS: as they are, or `{bcrypt}` and their hash (docs/lightrag.md A.0)."""

from __future__ import annotations

import bcrypt
from django.utils.crypto import constant_time_compare

BCRYPT = "{bcrypt}"
ROUNDS = 12
"""What LightRAG's own tool uses."""
MOST_BYTES = 72
"""Bcrypt reads no more of a password."""
NOBODY_S = "$2b$12$Oa33UH37OpnpRU4ZAanWceFjtRsm/LKp4/bahaPS3sDYt62fcPJY6"
"""A hash that nothing is known to have, for the time that comparing takes."""


def hashed(password: str) -> str:
    """As AUTH_ACCOUNTS takes it. Raises ValueError for more than MOST_BYTES."""
    if len(password.encode()) > MOST_BYTES:
        raise ValueError(f"The password is longer than bcrypt's {MOST_BYTES} bytes.")
    return BCRYPT + bcrypt.hashpw(password.encode(), bcrypt.gensalt(ROUNDS)).decode()


def fits(password: str, kept: str | None) -> bool:
    """Whether it is the kept one; one bcrypt's time whatever is kept, None for nothing."""
    if kept is not None and kept.startswith(BCRYPT):
        return _is_hash_of(kept.removeprefix(BCRYPT), password)
    _is_hash_of(NOBODY_S, password)
    return kept is not None and constant_time_compare(password, kept)


def _is_hash_of(text: str, password: str) -> bool:
    try:
        return bcrypt.checkpw(password.encode()[:MOST_BYTES], text.encode())
    except ValueError:  # what stands there is no hash
        return False
