"""What `manage.py check --deploy` says of who may come in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning

SECRET_BYTES = 32
"""RFC 7518, 3.2: a key as long as what HS256 makes."""
SHORT = Warning(
    f"TOKEN_SECRET has fewer than {SECRET_BYTES} bytes, so tokens could be forged by "
    "trying.",
    hint="Set it to 32 random characters or more.",
    id="compat_api.W001",
)
OPEN = Warning(
    "No setting keeps strangers out.",
    hint="Set LIGHTRAG_API_KEY, AUTH_ACCOUNTS or REQUIRE_LOGIN; a named key does it too.",
    id="compat_api.W002",
)


def check(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """Without a look into the database: what is set."""
    access, server = settings.LIGHTRAG.access, settings.LIGHTRAG.server
    found: list[CheckMessage] = []
    if access.token_secret and len(access.token_secret.encode()) < SECRET_BYTES:
        found.append(SHORT)
    if not (server.api_key or access.accounts or access.require_login):
        found.append(OPEN)
    return found
