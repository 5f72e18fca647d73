"""Limits on the size of request bodies, enforced before a body is read.

Django spools a whole body to disk before its middleware runs, so this is ASGI middleware.
The limits are LightRAG's (docs/lightrag.md A.0): one for all routes, one for texts, one
for uploads; 0 means no limit. A view declares its limit with the decorator `body_limit`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from enum import Enum
from typing import Any, TypeVar

from django.conf import settings

from compat_api.http import dialects, routes
from compat_api.http.asgi import Application, ASGIMessage, Receive, Scope, Send

View = TypeVar("View", bound=Callable[..., Any])
ADMIN_UPLOAD = "admin:documents_document_add"
"""The only upload outside this package; `documents` cannot import the decorator."""
ADMIN_UPLOAD_FILES = 16
"""Number of files of maximum size that one request to the admin may contain."""
MULTIPART_OVERHEAD = 1024 * 1024
"""Bytes that boundaries and headers may add to an uploaded file."""


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
    match = routes.resolve(path)
    if match is None:
        return BodyLimit.DEFAULT
    if match.view_name == ADMIN_UPLOAD:
        return BodyLimit.ADMIN_UPLOAD
    view = routes.handler(match.func, method)
    limit = getattr(view, "body_limit", BodyLimit.DEFAULT)
    assert isinstance(limit, BodyLimit)
    return limit


def declared_length(scope: Scope) -> int:
    """Return Content-Length; 0 if it is missing or not a number."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


async def refuse(send: Send, path: str, limit: int) -> None:
    """Send 413 and close the connection, because the body may still be arriving."""
    message = f"Request body too large. This endpoint accepts at most {limit} bytes."
    body = json.dumps(dialects.error_body(path, message, "request_too_large")).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class LimitedRequest:
    """A request whose body is cut off at the limit of its route.

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
        self._received = 0
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
        """Return the next message; a disconnect once the body exceeds the limit."""
        message = await self._receive()
        self._received += len(message.get("body", b""))
        limit = self.exceeded_limit(self._received)
        if not limit:
            return message
        if not self._refused:
            self._refused = True
            await refuse(self._send, self._path, limit)
        return {"type": "http.disconnect"}

    async def send(self, message: ASGIMessage) -> None:
        """Send the application's response, unless 413 has been sent."""
        if not self._refused:
            await self._send(message)


class BodyLimitMiddleware:
    """ASGI middleware that answers 413 for a body over the limit of its route.

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
            await refuse(send, scope["path"], limit)
        else:
            await self._application(scope, request.receive, request.send)
