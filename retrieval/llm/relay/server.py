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
import urllib.request
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import aiohttp
from yarl import URL

KEEP_SECONDS = 900.0
"""Time for which an answer is kept. A killed worker's documents are taken over earlier."""
FAILED = 599
"""Status of a failed call: `x-relay-failure` names httpx's exception for it, and
`x-relay-begun` is present if the provider had begun to answer."""
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
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def timeout(self) -> aiohttp.ClientTimeout:
        return aiohttp.ClientTimeout(sock_connect=self.seconds, sock_read=self.seconds)

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

    @cached_property
    def _session(self) -> aiohttp.ClientSession:
        """The HTTP client. aiohttp needs a sixth of the CPU time of httpx for a call."""
        from retrieval.llm import tls  # loads httpx, which an idle relay does not need

        return aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, ssl=tls.context()),
            skip_auto_headers=("User-Agent", "Content-Type"),
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
        if 200 <= response.status < 300:
            self._calls[request.key].ended = time.monotonic()
        else:
            del self._calls[request.key]
        return response

    async def _forward(self, request: ProviderRequest) -> ProviderResponse:
        body, address = bytearray(), URL(request.address, encoded=True)
        try:
            async with self._session.post(
                address,
                proxy=_proxy(address),
                headers=request.headers,
                data=request.body,
                timeout=request.timeout,
                allow_redirects=False,  # the worker reports the redirect as an error
            ) as response:
                async for part in response.content.iter_any():
                    body += part
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            return _failure(error, has_begun=bool(body))
        headers = [
            (name, value)
            for name, value in response.raw_headers
            if name.decode().lower() not in NOT_RETURNED
        ]
        return ProviderResponse(response.status, headers, bytes(body))

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
            for name, value in fields.items()
            if name not in NOT_FORWARDED and not name.startswith("x-relay-")
        ],
        body=body,
    )


def _proxy(address: URL) -> str | None:
    """Return the proxy that the environment names for an address (HTTPS_PROXY, NO_PROXY).

    aiohttp's own option for this also reads ~/.netrc, for each call and in a thread.
    """
    if address.host is None or urllib.request.proxy_bypass(address.host):
        return None
    return urllib.request.getproxies().get(address.scheme)


def _failure(error: Exception, *, has_begun: bool) -> ProviderResponse:
    name = b"ReadError"
    if isinstance(error, aiohttp.ClientConnectorError):
        name = b"ConnectError"
    elif isinstance(error, TimeoutError):
        name = b"ReadTimeout"
    headers = [(b"x-relay-failure", name)]
    if has_begun:
        headers.append((b"x-relay-begun", b"1"))
    return ProviderResponse(FAILED, headers, str(error).encode())


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
