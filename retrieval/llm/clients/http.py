"""HTTP clients of providers without a package of their own, and the mapping of their errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import httpx

from retrieval.llm import tls
from retrieval.llm.clients import error_bodies, http_errors
from retrieval.llm.config import ChatConfig, EmbeddingConfig
from retrieval.llm.errors import (
    BadAnswer,
    ProviderDown,
    ProviderTimeout,
    Unreachable,
)
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


@contextmanager
def translate_errors(
    label: str, has_begun: Callable[[], bool] = lambda: False
) -> Iterator[None]:
    """Raise our errors in place of httpx's; their text begins with `label`.

    `has_begun` returns whether a part of the answer has been received.
    """
    try:
        yield
    except httpx.TimeoutException as error:
        begun = has_begun() or getattr(error, "has_begun", False)
        raise ProviderTimeout(
            f"{label}: no answer in time.", has_begun=begun
        ) from error
    except httpx.ConnectError as error:
        raise Unreachable(f"{label}: {error}") from error
    except httpx.HTTPError as error:
        message = str(error) or type(error).__name__
        raise ProviderDown(f"{label}: {message}") from error
    except ValueError as error:
        raise BadAnswer(f"{label}: the answer cannot be read: {error}") from error


async def check(response: httpx.Response, label: str) -> None:
    """Read the body of an error and raise ours, unless the response is a success."""
    if response.is_success:
        return
    await response.aread()
    code, message = error_bodies.describe(error_bodies.parse(response.text))
    text = f"{label}: {response.status_code} {message} {code}".rstrip()
    raise http_errors.from_status(response.status_code, text, response.headers)
