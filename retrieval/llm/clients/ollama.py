"""Clients of Ollama, and the mapping of its package's exceptions to ours."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx
import ollama
import pydantic

from retrieval.llm import tls
from retrieval.llm.clients import error_bodies, http_errors
from retrieval.llm.config import ChatConfig, EmbeddingConfig
from retrieval.llm.errors import (
    BadAnswer,
    LLMError,
    ProviderDown,
    ProviderTimeout,
    RequestRefused,
    Unreachable,
)
from retrieval.llm.relay import client

OLLAMA_HOST = "http://localhost:11434"


def make(config: ChatConfig | EmbeddingConfig) -> ollama.AsyncClient:
    """Return a client for one event loop."""
    key = config.api_key
    return ollama.AsyncClient(
        host=config.host or OLLAMA_HOST,
        timeout=config.timeout,
        transport=client.transport(),
        verify=tls.context(),
        follow_redirects=False,  # documents go to the configured host only
        headers={"Authorization": f"Bearer {key}"} if key else None,
    )


def label(config: ChatConfig | EmbeddingConfig) -> str:
    """Return the model's name in errors."""
    return f"{config.model} at {config.host or OLLAMA_HOST}"


_ERRORS = (
    ollama.ResponseError,
    ollama.RequestError,
    ConnectionError,
    httpx.HTTPError,
    ValueError,
)


@contextmanager
def translate_errors(
    label: str, has_begun: Callable[[], bool] = lambda: False
) -> Iterator[None]:
    """Raise our errors in place of the package's; their text begins with `label`.

    `has_begun` returns whether a part of the answer has been received.
    """
    try:
        yield
    except _ERRORS as error:
        raise _translated(error, label, has_begun=has_begun()) from error


def _translated(error: Exception, label: str, *, has_begun: bool) -> LLMError:
    message = str(error) or type(error).__name__
    match error:
        case ollama.ResponseError():
            return _from_response(error, label)
        case httpx.TimeoutException():
            begun = has_begun or getattr(error, "has_begun", False)
            return ProviderTimeout(f"{label}: no answer in time.", has_begun=begun)
        case ConnectionError() | httpx.ConnectError():
            return Unreachable(f"{label}: {message}")
        case httpx.HTTPError():
            return ProviderDown(f"{label}: {message}")
        case ollama.RequestError():
            return RequestRefused(f"{label}: {message}")
        case pydantic.ValidationError():
            body = error.errors()[0]["input"]
            if error_bodies.has_error(body):
                return error_bodies.as_error(body, label)
    return BadAnswer(f"{label}: the answer cannot be read: {message}")


def _from_response(error: ollama.ResponseError, label: str) -> LLMError:
    text = f"{label}: {error.status_code} {error.error or 'no reason given'}"
    if error.status_code < 0:  # inside a stream
        return ProviderDown(f"{label}: {error.error or 'the stream was interrupted'}")
    return http_errors.from_status(error.status_code, text)
