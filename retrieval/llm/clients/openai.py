"""Clients of OpenAI, Azure OpenAI and compatible servers."""

from __future__ import annotations

from typing import Any

import httpx
import httpx2
from openai import (
    AsyncAzureOpenAI,
    AsyncOpenAI,
    DefaultAioHttpClient,
)

from retrieval.llm import tls
from retrieval.llm.config import ChatConfig, EmbeddingConfig
from retrieval.llm.relay import client as relay_client

OPENAI_HOST = "https://api.openai.com/v1"
AZURE_API_VERSION = "2024-08-01-preview"


def make(config: ChatConfig | EmbeddingConfig) -> AsyncOpenAI:
    """Return a client for one event loop. It does not retry; its callers do.

    The address and the key are always passed, because the package would otherwise read
    them from the environment. A server without keys gets a placeholder.
    """
    key = config.api_key or "none"
    client = _relay_client() or _direct_client(config)
    if config.binding == "azure_openai":
        return AsyncAzureOpenAI(
            azure_endpoint=config.host,
            api_key=key,
            api_version=config.api_version or AZURE_API_VERSION,
            timeout=config.timeout,
            max_retries=0,
            http_client=client,
        )
    return AsyncOpenAI(
        base_url=base_url(config.host) or OPENAI_HOST,
        api_key=key,
        timeout=config.timeout,
        max_retries=0,
        http_client=client,
    )


def base_url(host: str) -> str:
    """Return the address without the path of a route, which users copy with it."""
    url = host.rstrip("/")
    for route in ("/chat/completions", "/embeddings"):
        url = url.removesuffix(route)
    return url


def _direct_client(config: ChatConfig | EmbeddingConfig) -> httpx2.AsyncClient:
    """Return a client without redirects: documents go to the configured host only.

    aiohttp takes less CPU time than the package's default (docs/adr/0007-sse-reader.md).
    """
    return DefaultAioHttpClient(
        timeout=config.timeout, follow_redirects=False, verify=tls.context()
    )


def _relay_client() -> Any:
    """Return a client that uses the relay, or None without one.

    It is a client of httpx, which the package accepts, although its types require httpx2.
    """
    transport = relay_client.transport()
    return httpx.AsyncClient(transport=transport) if transport else None


def label(config: ChatConfig | EmbeddingConfig) -> str:
    """Return the model's name in errors."""
    return f"{config.model} at {config.host or OPENAI_HOST}"
