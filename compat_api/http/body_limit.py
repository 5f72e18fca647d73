"""Limits on the size and duration of request bodies, enforced before a body is read.

Django spools a whole body to disk before its middleware runs, so this is ASGI middleware.
The limits are LightRAG's (docs/lightrag.md A.0): one for all routes, one for texts, one
for uploads; 0 means no limit. A view declares its limit with the decorator `body_limit`.
A body must also arrive at a minimum rate, and all bodies of a process share a budget.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from typing import Any, TypeVar

from django.conf import settings

from compat_api.http import dialects, url_resolution
from compat_api.http.asgi import Application, ASGIMessage, Receive, Scope, Send

View = TypeVar("View", bound=Callable[..., Any])
ADMIN_UPLOAD = "admin:documents_document_add"
"""The only upload outside this package; `documents` cannot import the decorator."""
ADMIN_UPLOAD_FILES = 16
"""Number of files of maximum size that one request to the admin may contain."""
MULTIPART_OVERHEAD = 1024 * 1024
"""Bytes that boundaries and headers may add to an uploaded file."""

IDLE_SECONDS = 30.0
"""Longest pause between two parts of a body."""
START_SECONDS, MIN_BYTES_PER_SECOND = 60.0, 16 * 1024
"""A body must arrive within this time, plus its size divided by this rate."""
FREE_BYTES = 256 * 1024
"""Bytes of each body that do not count towards MAX_SPOOLED_BYTES: questions, forms."""
LINGER_SECONDS = 5.0
"""How long the rest of a refused body is discarded, so that the client reads why."""
CODES = {408: "request_timeout", 413: "request_too_large", 503: "server_busy"}
"""`code` of OpenAI's error object, by status."""


class BodyLimit(Enum):
    """Kinds of request bodies, each with its own limit."""

    DEFAULT = "default"
    TEXT = "text"
    UPLOAD = "upload"
    ADMIN_UPLOAD = "admin upload"

    @property
    def bytes(self) -> int:
        """Return the maximum size of a body; 0 means no limit."""
        server = settings.LIGHTRAG.server
        match self:
            case BodyLimit.TEXT:
                return int(server.max_text_body_bytes)
            case BodyLimit.UPLOAD:
                size = int(server.max_upload_bytes)
                return size and size + MULTIPART_OVERHEAD
            case BodyLimit.ADMIN_UPLOAD:
                return int(server.max_upload_bytes) * ADMIN_UPLOAD_FILES
            case _:
                return int(server.max_body_bytes)


def body_limit(limit: BodyLimit) -> Callable[[View], View]:
    """Declare the limit of a view's request body."""

    def declare(view: View) -> View:
        view.body_limit = limit  # type: ignore[attr-defined]
        return view

    return declare


def limit_of(method: str, path: str) -> BodyLimit:
    """Return the limit that the view at this path declares."""
    match = url_resolution.resolve(path)
    if match is None:
        return BodyLimit.DEFAULT
    if match.view_name == ADMIN_UPLOAD:
        return BodyLimit.ADMIN_UPLOAD
    view = url_resolution.handler(match.func, method)
    limit = getattr(view, "body_limit", BodyLimit.DEFAULT)
    assert isinstance(limit, BodyLimit)
    return limit


def declared_length(scope: Scope) -> int:
    """Return Content-Length; 0 if it is missing or not a number."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


async def refuse(
    receive: Receive, send: Send, path: str, status: int, message: str
) -> None:
    """Send an error and close the connection, because the body may still be arriving."""
    body = json.dumps(dialects.error_body(path, message, CODES[status])).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    if status == 503:
        headers.append((b"retry-after", b"5"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": True})
    await discard(receive)
    await send({"type": "http.response.body", "body": b""})


async def discard(receive: Receive) -> None:
    """Discard the rest of a body for some seconds.

    A client that still sends would otherwise get a reset connection and no response.
    """
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_SECONDS):
            while (await receive()).get("more_body", False):
                pass


class SpoolBudget:
    """Bytes of unfinished bodies in this process."""

    def __init__(self) -> None:
        self._used = 0

    def reserve(self, size: int) -> bool:
        """Count these bytes, unless MAX_SPOOLED_BYTES would be exceeded."""
        maximum = settings.LIGHTRAG.server.max_spooled_bytes
        if maximum and size > 0 and self._used + size > maximum:
            return False
        self._used += size
        return True

    def release(self, size: int) -> None:
        """Subtract these bytes."""
        self._used -= size


budget = SpoolBudget()


class LimitedRequest:
    """A request whose body is refused if it is too large, too slow, or one too many.

    The route is resolved only when the body exceeds the smallest limit: resolving takes
    0.1 ms or more, and most bodies are small.
    """

    def __init__(
        self,
        scope: Scope,
        receive: Receive,
        send: Send,
        limit: BodyLimit | None = None,
    ) -> None:
        self._method, self._path = scope["method"], scope["path"]
        self._receive, self._send = receive, send
        self._limit = limit
        self._started = 0.0
        self._received = 0
        self._reserved = 0
        self._is_complete = False
        self._refused = False

    def exceeded_limit(self, size: int) -> int:
        """Return the limit in bytes that a body of this size exceeds, or 0."""
        if self._limit is None:
            limits = [limit.bytes for limit in BodyLimit]
            if size <= min((limit for limit in limits if limit), default=size):
                return 0
            self._limit = limit_of(self._method, self._path)
        limit = self._limit.bytes
        return limit if limit and size > limit else 0

    async def receive(self) -> ASGIMessage:
        """Return the next message; a disconnect once the body is refused."""
        if self._refused:
            return {"type": "http.disconnect"}
        if self._is_complete:  # the application waits for a disconnect
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._deadline()):
                message = await self._receive()
        except TimeoutError:
            return await self.refuse(408, "The request body arrives too slowly.")
        self._received += len(message.get("body", b""))
        self._is_complete = not message.get("more_body", False)
        limit = self.exceeded_limit(self._received)
        if limit:
            return await self.refuse(413, too_large(limit))
        if not self._reserve():
            return await self.refuse(
                503, "The server receives too many large requests. Try again later."
            )
        return message

    async def refuse(self, status: int, message: str) -> ASGIMessage:
        """Answer in place of the application, which gets a disconnect."""
        self._refused = True
        await refuse(self._receive, self._send, self._path, status, message)
        return {"type": "http.disconnect"}

    async def send(self, message: ASGIMessage) -> None:
        """Send the application's response, unless the body was refused."""
        if not self._refused:
            await self._send(message)

    def close(self) -> None:
        """Release the budget."""
        budget.release(self._reserved)
        self._reserved = 0

    def _deadline(self) -> float:
        now = asyncio.get_running_loop().time()
        self._started = self._started or now
        slowest = self._started + START_SECONDS + self._received / MIN_BYTES_PER_SECOND
        return min(now + IDLE_SECONDS, slowest)

    def _reserve(self) -> bool:
        missing = self._received - FREE_BYTES - self._reserved
        if missing <= 0:
            return True
        if not budget.reserve(missing):
            return False
        self._reserved += missing
        return True


def too_large(limit: int) -> str:
    """Return the message for a body that exceeds the limit of its route."""
    return f"Request body too large. This endpoint accepts at most {limit} bytes."


class BodyLimitMiddleware:
    """ASGI middleware that refuses bodies over the limits of size, time and budget.

    `limit` overrides what the routes declare, for an application without Django's routes.
    """

    def __init__(
        self, application: Application, limit: BodyLimit | None = None
    ) -> None:
        self._application = application
        self._limit = limit

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        if scope["type"] != "http":
            await self._application(scope, receive, send)
            return
        request = LimitedRequest(scope, receive, send, self._limit)
        limit = request.exceeded_limit(declared_length(scope))
        if limit:
            await refuse(receive, send, scope["path"], 413, too_large(limit))
            return
        try:
            await self._application(scope, request.receive, request.send)
        finally:
            request.close()
