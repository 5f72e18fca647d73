"""Requests to providers through the relay, in processes that use it (see `server`).

Workers use it; web processes do not, because their users wait for the process itself.
"""

from __future__ import annotations

import uuid
from functools import cached_property

import aiohttp
import httpx
from django.conf import settings
from httpx_aiohttp import AiohttpTransport

from retrieval.llm import tls
from retrieval.llm.relay.server import FAILED

RELAY = "http://relay/"
LIMITS = httpx.Limits(max_connections=None, max_keepalive_connections=100)


def transport() -> httpx.AsyncBaseTransport | None:
    """Return a transport for one event loop, or None if this process has no relay."""
    socket = settings.MODEL_RELAY
    return RelayTransport(socket) if socket else None


class RelayTransport(httpx.AsyncBaseTransport):
    """Sends whole requests to the relay, or to the provider if the relay is down."""

    def __init__(self, socket: str) -> None:
        self._relay = AiohttpTransport(
            verify=False,  # a Unix socket
            client=lambda: aiohttp.ClientSession(
                connector=aiohttp.UnixConnector(path=socket, limit=0)
            ),
        )
        self._client_id = uuid.uuid4().hex

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        try:
            response = await self._relay.handle_async_request(self._wrap(request))
        except (httpx.ConnectError, httpx.ConnectTimeout):  # aiohttp: no connection
            return await self._direct.handle_async_request(request)
        if response.status_code == FAILED:
            raise await _exception(response, request)
        return response

    async def aclose(self) -> None:
        await self._relay.aclose()
        if "_direct" in vars(self):  # it was used
            await self._direct.aclose()

    @cached_property
    def _direct(self) -> httpx.AsyncHTTPTransport:
        return httpx.AsyncHTTPTransport(verify=tls.context(), limits=LIMITS)

    def _wrap(self, request: httpx.Request) -> httpx.Request:
        seconds = request.extensions.get("timeout", {}).get("read") or 600.0
        headers = httpx.Headers(request.headers)
        headers.update(
            {
                "host": "relay",
                "x-relay-client": self._client_id,
                "x-relay-address": str(request.url),
                "x-relay-seconds": str(seconds),
            }
        )
        # The relay applies the timeout, so that its call has ended as well.
        timeout = {"connect": 5.0, "read": 4 * seconds, "write": 30.0, "pool": None}
        return httpx.Request(
            "POST",
            RELAY,
            headers=headers,
            content=request.content,
            extensions={"timeout": timeout},
        )


async def _exception(response: httpx.Response, request: httpx.Request) -> Exception:
    """Return the exception that ended the relay's call.

    Its `has_begun` tells whether the provider had begun to answer.
    """
    message = (await response.aread()).decode()
    await response.aclose()
    name = response.headers["x-relay-failure"]
    exception_type = getattr(httpx, name, httpx.TransportError)
    exception: Exception = exception_type(message, request=request)
    exception.has_begun = "x-relay-begun" in response.headers  # type: ignore[attr-defined]
    return exception
