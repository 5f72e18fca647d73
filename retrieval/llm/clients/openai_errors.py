"""Mapping of the `openai` package's exceptions to ours."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import aiohttp
import httpx2
import openai

from retrieval.llm.clients import http_errors
from retrieval.llm.errors import (
    BadAnswer,
    LLMError,
    ProviderDown,
    ProviderTimeout,
    RequestRefused,
)

# The first match is used; http_errors maps HTTP statuses.
_TYPES: tuple[tuple[type[openai.OpenAIError], type[LLMError]], ...] = (
    (openai.APITimeoutError, ProviderTimeout),
    (openai.APIConnectionError, ProviderDown),
    (openai.APIResponseValidationError, BadAnswer),
    (openai.LengthFinishReasonError, BadAnswer),
    (openai.ContentFilterFinishReasonError, RequestRefused),
    (openai.WebSocketConnectionClosedError, ProviderDown),
    (openai.WebSocketQueueFullError, ProviderDown),
)


@contextmanager
def translate_errors(label: str) -> Iterator[None]:
    """Raise our errors in place of the package's; their text begins with `label`."""
    try:
        yield
    except openai.OpenAIError as error:
        raise translate(error, label) from error
    except httpx2.TimeoutException as error:  # while a stream is read
        if _is_disconnected(error):
            raise ProviderDown(f"{label}: the connection was closed.") from error
        raise ProviderTimeout(f"{label}: no answer in time.") from error
    except httpx2.HTTPError as error:
        message = str(error) or type(error).__name__
        raise ProviderDown(f"{label}: {message}") from error
    except json.JSONDecodeError as error:
        raise BadAnswer(f"{label}: the answer is not JSON: {error}") from error


def translate(error: openai.OpenAIError, label: str) -> LLMError:
    """Return our error for one of the package's. Its text is never empty."""
    text = f"{label}: {_message(error)}"
    if _is_disconnected(error.__cause__):
        return ProviderDown(text)
    if isinstance(error, openai.APIStatusError):
        return http_errors.from_status(error.status_code, text, error.response.headers)
    for their_type, our_type in _TYPES:
        if isinstance(error, their_type):
            return our_type(text)
    if isinstance(error, openai.APIError):
        return _by_code(f"{error.code} {error.type}", text)
    return RequestRefused(text)


def from_stream(error: Any, label: str) -> LLMError:
    """Return our error for an `error` object inside a stream."""
    fields = error if isinstance(error, dict) else {"message": error}
    code = f"{fields.get('code')} {fields.get('type')}"
    message = fields.get("message") or "the stream was interrupted"
    return _by_code(code, f"{label}: {message} ({code})")


def _by_code(code: str, text: str) -> LLMError:
    if "rate_limit" in code or "429" in code:
        return http_errors.from_status(429, text)
    if "context_length" in code:
        return http_errors.refused(f"{text} (context length)")
    if "invalid_request" in code:
        return http_errors.refused(text)
    return ProviderDown(text)


def _is_disconnected(error: BaseException | None) -> bool:
    """Return True for a closed connection, which the package reports as a timeout."""
    cause = error.__cause__ if error is not None else None
    is_timeout = isinstance(cause, aiohttp.ServerTimeoutError | TimeoutError)
    return isinstance(cause, aiohttp.ClientConnectionError) and not is_timeout


def _message(error: openai.OpenAIError) -> str:
    """Return the error's message and code, and the cause of a failed connection."""
    message = str(error) or type(error).__name__
    cause = error.__cause__
    if isinstance(error, openai.APIConnectionError) and cause is not None:
        message += f" {str(cause) or type(cause).__name__}"
    code = getattr(error, "code", None)
    return f"{message} ({code})" if code else message
