"""Clients of OpenAI, Azure OpenAI and compatible servers."""

from __future__ import annotations

from typing import Any

import httpx
import httpx2
from openai import (
    AsyncAzureOpenAI,
    AsyncOpenAI,
    DefaultAioHttpClient,
    DefaultAsyncHttpxClient,
)

from retrieval.llm.config import ChatConfig, EmbeddingConfig
from retrieval.llm.relay import client as relay_client

OPENAI_HOST = "https://api.openai.com/v1"
AZURE_API_VERSION = "2024-08-01-preview"


def make_for_streams(config: ChatConfig) -> AsyncOpenAI:
    """A client for one event loop whose answers are read as streams.

    aiohttp reads a token for 33 µs of processor time where the package's own reader takes
    79, and what has arrived together comes together: a busy process catches up.
    """
    return make(
        config, DefaultAioHttpClient(timeout=config.timeout, follow_redirects=False)
    )


def make(
    config: ChatConfig | EmbeddingConfig, http: httpx2.AsyncClient | None = None
) -> AsyncOpenAI:
    """A client for one event loop. It does not retry: `retrying` and the caller do.

    A server without keys gets a placeholder, since the package insists on one; address
    and key are always given, so that the package does not look into the environment.
    """
    key = config.api_key or "none"
    client = http or _relayed() or _direct(config)
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
        base_url=config.host or OPENAI_HOST,
        api_key=key,
        timeout=config.timeout,
        max_retries=0,
        http_client=client,
    )


def _direct(config: ChatConfig | EmbeddingConfig) -> httpx2.AsyncClient:
    """What is sent is people's documents: it goes nowhere but where the settings say."""
    return DefaultAsyncHttpxClient(timeout=config.timeout, follow_redirects=False)


def _relayed() -> Any:
    """A client that asks by the relay, None where there is no relay.

    It is httpx's: the package takes such still, though its types name httpx2's alone.
    """
    transport = relay_client.transport()
    return httpx.AsyncClient(transport=transport) if transport else None


def label(config: ChatConfig | EmbeddingConfig) -> str:
    """How errors name the model."""
    return f"{config.model} at {config.host or OPENAI_HOST}"
