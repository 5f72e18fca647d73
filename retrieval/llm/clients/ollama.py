"""Clients of Ollama, and the rules for its package's exceptions."""

from __future__ import annotations

import httpx
import ollama
import pydantic

from retrieval.llm import tls
from retrieval.llm.clients import error_bodies, http_errors
from retrieval.llm.clients.http_errors import (
    Failure,
    Rule,
    interrupted,
    timeout,
    unreachable,
    unreadable,
)
from retrieval.llm.config import ChatConfig, EmbeddingConfig
from retrieval.llm.errors import LLMError, ProviderDown, RequestRefused
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


def _from_response(failure: Failure) -> LLMError:
    error: ollama.ResponseError = failure.error
    text = f"{failure.label}: {error.status_code} {error.error or 'no reason given'}"
    if error.status_code < 0:  # inside a stream
        return ProviderDown(
            f"{failure.label}: {error.error or 'the stream was interrupted'}"
        )
    return http_errors.from_status(error.status_code, text)


def _refused(failure: Failure) -> LLMError:
    return RequestRefused(failure.text)


def _invalid(failure: Failure) -> LLMError:
    """Return the error that a response contains in place of an answer, if it does."""
    body = failure.error.errors()[0]["input"]
    if error_bodies.has_error(body):
        return error_bodies.as_error(body, failure.label)
    return unreadable(failure)


ERROR_RULES: tuple[Rule, ...] = (
    (ollama.ResponseError, _from_response),
    (httpx.TimeoutException, timeout),
    ((httpx.ConnectError, ConnectionError), unreachable),
    (httpx.HTTPError, interrupted),
    (ollama.RequestError, _refused),
    (pydantic.ValidationError, _invalid),
    (ValueError, unreadable),
)
