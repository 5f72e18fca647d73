"""HTTP clients of providers without a package of their own, and their error responses."""

from __future__ import annotations

import httpx

from retrieval.llm import tls
from retrieval.llm.clients import error_bodies, http_errors
from retrieval.llm.config import ChatConfig, EmbeddingConfig
from retrieval.llm.relay import client


def make(
    config: ChatConfig | EmbeddingConfig, host: str, auth: httpx.Auth | None = None
) -> httpx.AsyncClient:
    """Return a client for one event loop; without `auth` it sends the API key."""
    key = config.api_key if auth is None else ""
    return httpx.AsyncClient(
        base_url=host.rstrip("/"),
        timeout=config.timeout,
        transport=client.transport(),
        verify=tls.context(),
        auth=auth,
        headers={"Authorization": f"Bearer {key}"} if key else None,
    )


async def check(response: httpx.Response, label: str) -> None:
    """Read the body of an error and raise ours, unless the response is a success."""
    if response.is_success:
        return
    await response.aread()
    code, message = error_bodies.describe(error_bodies.parse(response.text))
    text = f"{label}: {response.status_code} {message} {code}".rstrip()
    raise http_errors.from_status(response.status_code, text, response.headers)
