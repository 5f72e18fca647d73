"""The rules for the exceptions of the `openai` package."""

from __future__ import annotations

import json
from dataclasses import replace

import aiohttp
import httpx
import httpx2
import openai

from retrieval.llm.clients import error_bodies, http_errors
from retrieval.llm.clients.http_errors import (
    Failure,
    Rule,
    interrupted,
    timeout,
    unreadable,
)
from retrieval.llm.errors import (
    BadAnswer,
    LLMError,
    ProviderDown,
    RequestRefused,
    Unreachable,
)

# The first match is used; http_errors maps HTTP statuses.
_TYPES: tuple[tuple[type[openai.OpenAIError], type[LLMError]], ...] = (
    (openai.APIConnectionError, Unreachable),
    (openai.APIResponseValidationError, BadAnswer),
    (openai.LengthFinishReasonError, BadAnswer),
    (openai.ContentFilterFinishReasonError, RequestRefused),
    (openai.WebSocketConnectionClosedError, ProviderDown),
    (openai.WebSocketQueueFullError, ProviderDown),
)


def _translate(failure: Failure) -> LLMError:
    """Return our error for one of the package's. Its text is never empty."""
    error, label = failure.error, failure.label
    text = f"{label}: {_message(error)}"
    if _is_disconnected(error.__cause__):
        return _disconnected(label, error.__cause__)
    if isinstance(error, openai.APIStatusError):
        return _of_status(error, label)
    if isinstance(error, openai.APITimeoutError):
        return timeout(replace(failure, error=error.__cause__))
    for their_type, our_type in _TYPES:
        if isinstance(error, their_type):
            return our_type(text)
    if isinstance(error, openai.APIError):
        return error_bodies.as_error(
            {"message": _message(error), **_codes(error)}, label
        )
    return RequestRefused(text)


def _of_status(error: openai.APIStatusError, label: str) -> LLMError:
    """Return our error for a response with an error status, with the provider's words."""
    code, message = error_bodies.describe(_body(error))
    words = " ".join(filter(None, (message, f"({code})" if code else "")))
    text = f"{label}: {error.status_code} {words or 'no reason given'}"
    if error.status_code == 404 and not code:
        text += ". Check the path of the address (LLM_BINDING_HOST, …_HOST)."
    return http_errors.from_status(error.status_code, text, error.response.headers)


def _body(error: openai.APIStatusError) -> object:
    """Return the parsed body of the response; the package drops lists and texts."""
    try:
        return error_bodies.parse(error.response.text)
    except (httpx2.StreamError, httpx.StreamError):
        return error.body


def _codes(error: openai.APIError) -> dict[str, str]:
    return {"code": f"{error.code or ''} {error.type or ''}".strip()}


def _is_disconnected(error: BaseException | None) -> bool:
    """Return True for a closed connection, which the package reports as a timeout."""
    cause = error.__cause__ if error is not None else None
    is_timeout = isinstance(cause, aiohttp.ServerTimeoutError | TimeoutError)
    return isinstance(cause, aiohttp.ClientConnectionError) and not is_timeout


def _disconnected(label: str, error: BaseException | None) -> ProviderDown:
    cause = error.__cause__ if error is not None else None
    if isinstance(cause, aiohttp.ClientConnectorError):
        return Unreachable(f"{label}: {cause}")
    return ProviderDown(f"{label}: the connection was closed.")


def _message(error: openai.OpenAIError) -> str:
    """Return the error's message and code, and the cause of a failed connection."""
    message = str(error) or type(error).__name__
    cause = error.__cause__
    if isinstance(error, openai.APIConnectionError) and cause is not None:
        message += f" {str(cause) or type(cause).__name__}"
    code = getattr(error, "code", None)
    return f"{message} ({code})" if code else message


def _stream_timeout(failure: Failure) -> LLMError:
    if _is_disconnected(failure.error):
        return _disconnected(failure.label, failure.error)
    return timeout(failure)


# Both HTTP clients raise: the package's, and the one that uses the relay.
ERROR_RULES: tuple[Rule, ...] = (
    (openai.OpenAIError, _translate),
    ((httpx2.TimeoutException, httpx.TimeoutException), _stream_timeout),
    ((httpx2.HTTPError, httpx.HTTPError), interrupted),
    (json.JSONDecodeError, unreadable),
)
