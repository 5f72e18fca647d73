"""The relay: a process that makes the workers' model calls and outlives the workers.

A provider charges for an answer whether or not the client that asked still exists.
Therefore workers make their calls through this small process, which keeps each answer
for a while. The worker that takes over the documents of a killed worker sends the same
requests, byte for byte, and gets the answers that were paid for. A client that repeats
its own request gets a new answer. docs/adr/0005-relay-process.md gives measurements.

The relay is an ASGI application; `retrieval.llm.relay.client` is its client.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

import httpx

KEEP_SECONDS = 900.0
"""Time for which an answer is kept. A killed worker's documents are taken over earlier."""
FAILED = 599
"""Status for an exception of httpx; the header `x-relay-failure` names its class."""
NOT_FORWARDED = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "accept-encoding"}
)
NOT_RETURNED = frozenset({"content-encoding", "content-length", "transfer-encoding"})

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class ProviderResponse:
    """A provider's whole response."""

    status: int
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class ProviderRequest:
    """A request to a provider; `seconds` is the timeout of each step."""

    client: str
    address: str
    seconds: float
    headers: Headers
    body: bytes

    @property
    def key(self) -> str:
        """A hash that is equal for equal requests."""
        return hashlib.sha256(self.address.encode() + b"\n" + self.body).hexdigest()


@dataclass(slots=True)
class Call:
    """One call of a provider, running or answered, and the clients that got the answer."""

    response: asyncio.Task[ProviderResponse]
    delivered_to: set[str] = field(default_factory=set)
    ended: float | None = None


class Relay:
    """Calls by the hash of their request. It runs on one event loop."""

    def __init__(self) -> None:
        self._calls: dict[str, Call] = {}
        self._client = httpx.AsyncClient(
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=100),
            follow_redirects=False,  # the worker reports the redirect as an error
        )

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        request = _read_request(scope["headers"], await _read_body(receive))
        disconnected = asyncio.ensure_future(receive())
        try:
            call = self._call(request)
            response = await asyncio.shield(call.response)
            if not disconnected.done():
                call.delivered_to.add(request.client)
                await _send(send, response)
        finally:
            disconnected.cancel()

    def _call(self, request: ProviderRequest) -> Call:
        """Return the call of an equal request by another client, or start one."""
        self._remove_old_calls()
        call = self._calls.get(request.key)
        if call is None or request.client in call.delivered_to:
            call = Call(asyncio.create_task(self._fetch(request)))
            self._calls[request.key] = call
        return call

    async def _fetch(self, request: ProviderRequest) -> ProviderResponse:
        """Keep successful responses only: an error costs nothing and may be temporary."""
        response = await self._forward(request)
        if httpx.codes.is_success(response.status):
            self._calls[request.key].ended = time.monotonic()
        else:
            del self._calls[request.key]
        return response

    async def _forward(self, request: ProviderRequest) -> ProviderResponse:
        try:
            response = await self._client.post(
                request.address,
                headers=request.headers,
                content=request.body,
                timeout=request.seconds,
            )
        except httpx.TransportError as error:
            name = type(error).__name__.encode()
            headers = [(b"x-relay-failure", name)]
            return ProviderResponse(FAILED, headers, str(error).encode())
        headers = [
            (name, value)
            for name, value in response.headers.raw
            if name.decode().lower() not in NOT_RETURNED
        ]
        return ProviderResponse(response.status_code, headers, response.content)

    def _remove_old_calls(self) -> None:
        """Remove old calls; they are in the order of their start, about that of their end."""
        oldest = time.monotonic() - KEEP_SECONDS
        for key, call in list(self._calls.items()):
            if call.ended is None:
                continue
            if call.ended > oldest:
                break
            del self._calls[key]


def _read_request(headers: Headers, body: bytes) -> ProviderRequest:
    fields = {name.decode(): value.decode("latin-1") for name, value in headers}
    return ProviderRequest(
        client=fields["x-relay-client"],
        address=fields["x-relay-address"],
        seconds=float(fields["x-relay-seconds"]),
        headers=[
            (name, value)
            for name, value in headers
            if name.decode() not in NOT_FORWARDED and not name.startswith(b"x-relay-")
        ],
        body=body,
    )


async def _read_body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _send(send: Send, response: ProviderResponse) -> None:
    start = {"type": "http.response.start", "status": response.status}
    await send({**start, "headers": response.headers})
    await send({"type": "http.response.body", "body": response.body})
