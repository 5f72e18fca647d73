"""Mapping of HTTP statuses to our errors, shared by all bindings."""

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
_NO_HEADERS: Mapping[str, str] = {}


def from_status(
    status: int, message: str, headers: Mapping[str, str] = _NO_HEADERS
) -> LLMError:
    """Return the error for a response; `headers` may contain Retry-After."""
    if status == 429:
        return _limited(message, headers)
    if 300 <= status < 400:
        return RequestRefused(
            f"{message}: redirects are not followed; set the final address"
        )
    if status in (401, 403):
        return BadCredentials(message)
    if status in (408, 504):
        return ProviderTimeout(message)
    if status >= 500 or status in (409, 425):
        return ProviderDown(message)
    return refused(message)


def refused(message: str) -> RequestRefused:
    """Return RequestRefused, or ContextTooLong if the message says so."""
    return (ContextTooLong if _TOO_LONG.search(message) else RequestRefused)(message)


def _limited(message: str, headers: Mapping[str, str]) -> LLMError:
    if _NO_MONEY.search(message):  # waiting does not help
        return RequestRefused(message)
    return RateLimited(message, retry_after(headers))


def retry_after(headers: Mapping[str, str]) -> float | None:
    """Return the seconds to wait, sent as seconds, milliseconds or a date."""
    milliseconds = _number(headers.get("retry-after-ms", ""))
    if milliseconds is not None:
        return milliseconds / 1000
    value = headers.get("retry-after", "")
    seconds = _number(value)
    return seconds if seconds is not None else _until(value)


def _number(value: str) -> float | None:
    try:
        return max(float(value), 0.0)
    except ValueError:
        return None


def _until(value: str) -> float | None:
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max((moment - datetime.now(UTC)).total_seconds(), 0.0)
