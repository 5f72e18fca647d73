"""Every exception of the `openai` package -> ours."""

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

# The first that fits; statuses are in http_errors.
_KINDS: tuple[tuple[type[openai.OpenAIError], type[LLMError]], ...] = (
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
    """Raises our errors in place of the package's; `where` begins their text."""
    try:
        yield
    except openai.OpenAIError as error:
        raise translated(error, label) from error
    except httpx2.TimeoutException as error:  # while a stream is read
        if _is_gone(error):
            raise ProviderDown(f"{label}: the connection broke off.") from error
        raise ProviderTimeout(f"{label}: no answer in time.") from error
    except httpx2.HTTPError as error:
        words = str(error) or type(error).__name__
        raise ProviderDown(f"{label}: {words}") from error
    except json.JSONDecodeError as error:
        raise BadAnswer(f"{label}: the answer is not JSON: {error}") from error


def translated(error: openai.OpenAIError, label: str) -> LLMError:
    """Our error for one of the package's. Its text is never empty."""
    text = f"{label}: {_said(error)}"
    if _is_gone(error.__cause__):
        return ProviderDown(text)
    if isinstance(error, openai.APIStatusError):
        return http_errors.from_status(error.status_code, text, error.response.headers)
    for kind, ours in _KINDS:
        if isinstance(error, kind):
            return ours(text)
    if isinstance(error, openai.APIError):
        return _by_code(f"{error.code} {error.type}", text)
    return RequestRefused(text)


def in_stream(error: Any, label: str) -> LLMError:
    """Our error for an `error` object sent inside a stream that began well."""
    told = error if isinstance(error, dict) else {"message": error}
    code = f"{told.get('code')} {told.get('type')}"
    words = told.get("message") or "the stream broke off"
    return _by_code(code, f"{label}: {words} ({code})")


def _by_code(code: str, text: str) -> LLMError:
    if "rate_limit" in code or "429" in code:
        return http_errors.from_status(429, text)
    if "context_length" in code:
        return http_errors.refused(f"{text} (context length)")
    if "invalid_request" in code:
        return http_errors.refused(text)
    return ProviderDown(text)


def _is_gone(error: BaseException | None) -> bool:
    """The package calls it a time-out when the other side hangs up on aiohttp."""
    beneath = error.__cause__ if error is not None else None
    late = isinstance(beneath, aiohttp.ServerTimeoutError | TimeoutError)
    return isinstance(beneath, aiohttp.ClientConnectionError) and not late


def _said(error: openai.OpenAIError) -> str:
    """The error's words, its code, and of a failed connection what lies beneath."""
    words = str(error) or type(error).__name__
    beneath = error.__cause__
    if isinstance(error, openai.APIConnectionError) and beneath is not None:
        words += f" {str(beneath) or type(beneath).__name__}"
    code = getattr(error, "code", None)
    return f"{words} ({code})" if code else words
