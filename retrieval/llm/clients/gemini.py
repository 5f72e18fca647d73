"""Clients of Google's Gemini, and the rules for its package's exceptions."""

from __future__ import annotations

import httpx
import httpx2
from google import genai
from google.genai import errors, types

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
from retrieval.llm.errors import LLMError
from retrieval.llm.relay import client as relay_client

GEMINI_HOST = "https://generativelanguage.googleapis.com"
LIGHTRAG_DEFAULT = "DEFAULT_GEMINI_ENDPOINT"
"""LightRAG's value of LLM_BINDING_HOST for Google's own address."""


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


def _from_response(failure: Failure) -> LLMError:
    error: errors.APIError = failure.error
    code, message = error_bodies.describe(error.details)
    text = f"{failure.label}: {error.code} {message or error.message} ({code or error.status})"
    if "API_KEY_INVALID" in str(error.details):  # sent with status 400
        return http_errors.from_status(401, text)
    headers = getattr(error.response, "headers", {}) or {}
    return http_errors.from_status(error.code, text, headers)


ERROR_RULES: tuple[Rule, ...] = (
    (errors.APIError, _from_response),
    ((httpx2.TimeoutException, httpx.TimeoutException, TimeoutError), timeout),
    ((httpx2.ConnectError, httpx.ConnectError, ConnectionError), unreachable),
    ((httpx2.HTTPError, httpx.HTTPError), interrupted),
    (ValueError, unreadable),
)
