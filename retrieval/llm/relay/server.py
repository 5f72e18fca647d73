"""The relay: a process that makes the workers' model calls, and outlives the workers.

An answer is paid for when the provider gives it, whether or not whoever asked still
lives. So a worker has its calls made by this small process, which keeps each answer for
a while: who takes over the documents of a killed worker asks the same, word for word,
and is given what was bought. Who asks the same *again* wants another answer.

It is an ASGI application; `relayed` is how it is asked.
"""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any

import httpx

KEPT_SECONDS = 900.0
"""Longer than a worker's leases take to run out and another to come round to it."""
FAILED = 599
"""The status that stands for an exception of httpx, which `x-relay-failure` names."""
NOT_FORWARDED = frozenset(
    {"host", "connection", "content-length", "transfer-encoding", "accept-encoding"}
)
NOT_RETURNED = frozenset({"content-encoding", "content-length", "transfer-encoding"})

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]


@dataclass(frozen=True, slots=True)
class Answer:
    """A provider's whole answer."""

    status: int
    headers: Headers
    body: bytes


@dataclass(frozen=True, slots=True)
class Question:
    """A request on its way to a provider; `seconds` is how long each step may take."""

    asker: str
    address: str
    seconds: float
    headers: Headers
    body: bytes

    @property
    def key(self) -> str:
        """What makes two requests the same."""
        return hashlib.sha256(self.address.encode() + b"\n" + self.body).hexdigest()


@dataclass(slots=True)
class Call:
    """One call of a provider, under way or answered, and who was given its answer."""

    answer: asyncio.Task[Answer]
    given: set[str] = field(default_factory=set)
    ended: float | None = None


class Relay:
    """Calls by what was asked. It lives on one event loop."""

    def __init__(self) -> None:
        self._calls: dict[str, Call] = {}
        self._client = httpx.AsyncClient(
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=100),
            follow_redirects=False,  # whoever asked is told, and follows none
        )

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        question = _read(scope["headers"], await _body(receive))
        gone = asyncio.ensure_future(receive())
        try:
            call = self._call(question)
            answer = await asyncio.shield(call.answer)
            if not gone.done():
                call.given.add(question.asker)
                await _send(send, answer)
        finally:
            gone.cancel()

    def _call(self, question: Question) -> Call:
        self._forget_old()
        call = self._calls.get(question.key)
        if call is None or question.asker in call.given:
            call = Call(asyncio.create_task(self._buy(question)))
            self._calls[question.key] = call
        return call

    async def _buy(self, question: Question) -> Answer:
        """Only a good answer is kept: a refusal costs nothing, and may pass."""
        answer = await self._asked(question)
        if httpx.codes.is_success(answer.status):
            self._calls[question.key].ended = time.monotonic()
        else:
            del self._calls[question.key]
        return answer

    async def _asked(self, question: Question) -> Answer:
        try:
            response = await self._client.post(
                question.address,
                headers=question.headers,
                content=question.body,
                timeout=question.seconds,
            )
        except httpx.TransportError as error:
            name = type(error).__name__.encode()
            return Answer(FAILED, [(b"x-relay-failure", name)], str(error).encode())
        headers = [
            (name, value)
            for name, value in response.headers.raw
            if name.decode().lower() not in NOT_RETURNED
        ]
        return Answer(response.status_code, headers, response.content)

    def _forget_old(self) -> None:
        """Calls stand in the order they were begun, which is nearly that of their ends."""
        horizon = time.monotonic() - KEPT_SECONDS
        for key, call in list(self._calls.items()):
            if call.ended is None:
                continue
            if call.ended > horizon:
                break
            del self._calls[key]


def _read(headers: Headers, body: bytes) -> Question:
    said = {name.decode(): value.decode("latin-1") for name, value in headers}
    return Question(
        asker=said["x-relay-asker"],
        address=said["x-relay-address"],
        seconds=float(said["x-relay-seconds"]),
        headers=[
            (name, value)
            for name, value in headers
            if name.decode() not in NOT_FORWARDED and not name.startswith(b"x-relay-")
        ],
        body=body,
    )


async def _body(receive: Receive) -> bytes:
    parts = []
    while True:
        message = await receive()
        parts.append(message.get("body", b""))
        if not message.get("more_body"):
            return b"".join(parts)


async def _send(send: Send, answer: Answer) -> None:
    start = {"type": "http.response.start", "status": answer.status}
    await send({**start, "headers": answer.headers})
    await send({"type": "http.response.body", "body": answer.body})
