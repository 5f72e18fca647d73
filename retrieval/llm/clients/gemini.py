"""Clients of Google's Gemini, and the mapping of its package's exceptions to ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import httpx2
from google import genai
from google.genai import errors, types

from retrieval.llm import tls
from retrieval.llm.clients import error_bodies, http_errors
from retrieval.llm.config import ChatConfig, EmbeddingConfig
from retrieval.llm.errors import (
    BadAnswer,
    LLMError,
    ProviderDown,
    ProviderTimeout,
    Unreachable,
)
from retrieval.llm.relay import client as relay_client

GEMINI_HOST = "https://generativelanguage.googleapis.com"
LIGHTRAG_DEFAULT = "DEFAULT_GEMINI_ENDPOINT"
"""LightRAG's value of LLM_BINDING_HOST for Google's own address."""
_TIMEOUTS = (httpx2.TimeoutException, httpx.TimeoutException, TimeoutError)
_CONNECTION_ERRORS = (httpx2.ConnectError, httpx.ConnectError, ConnectionError)
_HTTP_ERRORS = (httpx2.HTTPError, httpx.HTTPError)


def make(config: ChatConfig | EmbeddingConfig) -> genai.Client:
    """Return a client for one event loop. It does not retry; its callers do."""
    host = "" if config.host == LIGHTRAG_DEFAULT else config.host
    return genai.Client(
        api_key=config.api_key or "none",
        http_options=types.HttpOptions(
            base_url=host or GEMINI_HOST,
            api_version="v1beta",
            timeout=int(config.timeout * 1000),
            # Its default is aiohttp, which can't use the relay.
            httpx_async_client=httpx.AsyncClient(
                transport=relay_client.transport(), verify=tls.context()
            ),
        ),
    )


def label(config: ChatConfig | EmbeddingConfig) -> str:
    """Return the model's name in errors."""
    return f"{config.model} at {config.host or GEMINI_HOST}"


@contextmanager
def translate_errors(
    label: str, has_begun: Callable[[], bool] = lambda: False
) -> Iterator[None]:
    """Raise our errors in place of the package's; their text begins with `label`.

    `has_begun` returns whether a part of the answer has been received.
    """
    try:
        yield
    except errors.APIError as error:
        raise _from_response(error, label) from error
    except _TIMEOUTS as error:
        begun = has_begun() or getattr(error, "has_begun", False)
        raise ProviderTimeout(
            f"{label}: no answer in time.", has_begun=begun
        ) from error
    except _CONNECTION_ERRORS as error:
        raise Unreachable(f"{label}: {error}") from error
    except _HTTP_ERRORS as error:
        message = str(error) or type(error).__name__
        raise ProviderDown(f"{label}: {message}") from error
    except ValueError as error:
        raise BadAnswer(f"{label}: the answer cannot be read: {error}") from error


def _from_response(error: errors.APIError, label: str) -> LLMError:
    code, message = error_bodies.describe(error.details)
    text = f"{label}: {error.code} {message or error.message} ({code or error.status})"
    if "API_KEY_INVALID" in str(error.details):  # sent with status 400
        return http_errors.from_status(401, text)
    headers = getattr(error.response, "headers", {}) or {}
    return http_errors.from_status(error.code, text, headers)
