"""Checks of `manage.py check --deploy` on access to the server."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Warning

SECRET_BYTES = 32
"""Minimum length of an HS256 key (RFC 7518, section 3.2)."""
SHORT_SECRET = Warning(
    f"TOKEN_SECRET has fewer than {SECRET_BYTES} bytes, so tokens can be forged by "
    "brute force.",
    hint="Set it to 32 random characters or more.",
    id="compat_api.W001",
)
OPEN_SERVER = Warning(
    "The server requires no authentication.",
    hint="Set LIGHTRAG_API_KEY, AUTH_ACCOUNTS or REQUIRE_LOGIN, or create an API key.",
    id="compat_api.W002",
)


def check(app_configs: Any, **options: Any) -> list[CheckMessage]:
    """Return warnings about the settings; named API keys are not looked up."""
    access, server = settings.LIGHTRAG.access, settings.LIGHTRAG.server
    warnings: list[CheckMessage] = []
    if access.token_secret and len(access.token_secret.encode()) < SECRET_BYTES:
        warnings.append(SHORT_SECRET)
    if not (server.api_key or access.accounts or access.require_login):
        warnings.append(OPEN_SERVER)
    return warnings
