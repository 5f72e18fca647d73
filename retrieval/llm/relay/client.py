"""Requests to providers by way of the relay, where this process has one (see `relay`).

Workers have one; web processes do not: who waits for an answer waits for this process.
"""

from __future__ import annotations

import uuid

import httpx
from django.conf import settings

from retrieval.llm.relay.server import FAILED

RELAY = "http://relay/"


def transport() -> httpx.AsyncBaseTransport | None:
    """For a client of a provider on one event loop; None: as it is by default."""
    socket = settings.MODEL_RELAY
    return RelayTransport(socket) if socket else None


class RelayTransport(httpx.AsyncBaseTransport):
    """Hands whole requests to the relay; while that is away it makes them itself."""

    def __init__(self, socket: str) -> None:
        limits = httpx.Limits(max_connections=None, max_keepalive_connections=100)
        self._relay = httpx.AsyncHTTPTransport(uds=socket, limits=limits)
        self._direct = httpx.AsyncHTTPTransport(limits=limits)
        self._asker = uuid.uuid4().hex

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        await request.aread()
        relayed = self._relayed(request)
        try:
            response = await self._relay.handle_async_request(relayed)
        except httpx.ConnectError:
            return await self._direct.handle_async_request(request)
        if response.status_code == FAILED:
            raise await _failure(response, request)
        return response

    async def aclose(self) -> None:
        await self._relay.aclose()
        await self._direct.aclose()

    def _relayed(self, request: httpx.Request) -> httpx.Request:
        seconds = request.extensions.get("timeout", {}).get("read") or 600.0
        headers = httpx.Headers(request.headers)
        headers.update(
            {
                "host": "relay",
                "x-relay-asker": self._asker,
                "x-relay-address": str(request.url),
                "x-relay-seconds": str(seconds),
            }
        )
        # The relay keeps the time, so that its own end of the call has ended too.
        patience = {"connect": 5.0, "read": 4 * seconds, "write": 30.0, "pool": None}
        return httpx.Request(
            "POST",
            RELAY,
            headers=headers,
            content=request.content,
            extensions={"timeout": patience},
        )


async def _failure(response: httpx.Response, request: httpx.Request) -> Exception:
    """The exception that the provider's call ended with, raised here in its place."""
    words = (await response.aread()).decode()
    await response.aclose()
    kind = getattr(httpx, response.headers["x-relay-failure"], httpx.TransportError)
    failure: Exception = kind(words, request=request)
    return failure
