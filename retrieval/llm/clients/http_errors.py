"""Mapping of the exceptions of client libraries, and of HTTP statuses, to our errors.

Each client has a table of rules. A rule consists of exception classes and the function
that returns our error for them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

import httpx

from retrieval.llm.errors import (
    BadAnswer,
    BadCredentials,
    ContextTooLong,
    LLMError,
    ProviderDown,
    ProviderTimeout,
    RateLimited,
    RequestRefused,
    Unreachable,
)

_TOO_LONG = re.compile(
    r"context.?(length|window|size)|maximum.{0,20}tokens|too many tokens|too long",
    re.IGNORECASE,
)
_NO_MONEY = re.compile(r"insufficient.?(quota|balance|funds)", re.IGNORECASE)
_NO_HEADERS: Mapping[str, str] = {}


@dataclass(frozen=True, slots=True)
class Failure:
    """A library's exception, the label of the model, and whether the answer had begun."""

    error: Any
    label: str
    has_begun: bool

    @property
    def text(self) -> str:
        """The label, and the text of the exception or its class."""
        return f"{self.label}: {str(self.error) or type(self.error).__name__}"


Classes = type[Exception] | tuple[type[Exception], ...]
Rule = tuple[Classes, Callable[[Failure], LLMError]]


@contextmanager
def translate_errors(
    label: str, rules: Sequence[Rule], has_begun: Callable[[], bool] = lambda: False
) -> Iterator[None]:
    """Raise our error in place of a library's, by the first rule that matches it.

    The text of an error begins with `label`. `has_begun` returns whether a part of the
    answer has been received.
    """
    try:
        yield
    except Exception as error:
        for classes, translate in rules:
            if isinstance(error, classes):
                raise translate(Failure(error, label, has_begun())) from error
        raise


def timeout(failure: Failure) -> LLMError:
    """Return the error for a timeout before or during an answer."""
    # The relay's client sets the attribute.
    if failure.has_begun or getattr(failure.error, "has_begun", False):
        message = "the model began to answer, but sent nothing more in time."
        return ProviderTimeout(f"{failure.label}: {message}", has_begun=True)
    return ProviderTimeout(f"{failure.label}: no answer in time.")


def unreachable(failure: Failure) -> LLMError:
    """Return the error for a failed connection."""
    return Unreachable(failure.text)


def interrupted(failure: Failure) -> LLMError:
    """Return the error for a failed transfer."""
    return ProviderDown(failure.text)


def unreadable(failure: Failure) -> LLMError:
    """Return the error for an answer in an unexpected format."""
    return BadAnswer(f"{failure.label}: the answer cannot be read: {failure.error}")


HTTPX_RULES: tuple[Rule, ...] = (
    (httpx.TimeoutException, timeout),
    (httpx.ConnectError, unreachable),
    (httpx.HTTPError, interrupted),
    (ValueError, unreadable),
)


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
