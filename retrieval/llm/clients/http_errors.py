"""A provider's HTTP status -> our errors. Shared by all bindings."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from retrieval.llm.errors import (
    BadCredentials,
    ContextTooLong,
    LLMError,
    ProviderDown,
    ProviderTimeout,
    RateLimited,
    RequestRefused,
)

_TOO_LONG = re.compile(
    r"context.?(length|window|size)|maximum.{0,20}tokens|too many tokens|too long",
    re.IGNORECASE,
)
_NO_MONEY = re.compile(r"insufficient.?(quota|balance|funds)", re.IGNORECASE)
_NOTHING: Mapping[str, str] = {}


def from_status(
    status: int, message: str, headers: Mapping[str, str] = _NOTHING
) -> LLMError:
    """The error for an answer with `status`. `headers` may hold Retry-After."""
    if status == 429:
        return _limited(message, headers)
    if 300 <= status < 400:
        return RequestRefused(f"{message}: redirects are not followed; set its address")
    if status in (401, 403):
        return BadCredentials(message)
    if status in (408, 504):
        return ProviderTimeout(message)
    if status >= 500 or status in (409, 425):
        return ProviderDown(message)
    return refused(message)


def refused(message: str) -> RequestRefused:
    """RequestRefused, or ContextTooLong where the provider's words say so."""
    return (ContextTooLong if _TOO_LONG.search(message) else RequestRefused)(message)


def _limited(message: str, headers: Mapping[str, str]) -> LLMError:
    if _NO_MONEY.search(message):  # waiting does not fill a purse
        return RequestRefused(message)
    return RateLimited(message, retry_after(headers))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, given as seconds, as milliseconds or as a date."""
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    said = headers.get("retry-after", "")
    seconds = _number(said)
    return seconds if seconds is not None else _until(said)


def _number(said: str) -> float | None:
    try:
        return max(float(said), 0.0)
    except ValueError:
        return None


def _until(said: str) -> float | None:
    try:
        moment = parsedate_to_datetime(said)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0)
