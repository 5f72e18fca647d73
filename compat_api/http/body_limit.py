"""Bodies that are too large are refused before they are read.

Django spools a whole body before any of its middleware runs, so this is ASGI
middleware around the application. Limits are upstream's (docs/lightrag.md A.0): one for all
routes, one for texts, one for uploads; 0 means no limit.
"""

from __future__ import annotations

import json
import re
from typing import Any

from django.conf import settings

from compat_api.http.asgi import Application, ASGIMessage, Receive, Scope, Send

TEXT_PATHS = frozenset({"/documents/text", "/documents/texts", "/mcp"})
DOCUMENT_PATH = "/documents/doc-"
"""A new version of a document is a text, too."""
UPLOAD_PATHS = frozenset({"/documents/upload", "/webui/upload"})
RESOURCE_UPLOADS = re.compile(r"/resources/workspaces/\w+/(?:documents/|graph\.\w+)")
ADMIN_UPLOAD_PATH = "/admin/documents/document/add/"
FILES_AT_ONCE = 16
"""Files of the largest size that the admin takes in one request; of smaller ones more."""
MULTIPART_ROOM = 1024 * 1024
"""What boundaries and headers may add to a file."""


def limit_of(path: str) -> int:
    """How many bytes the body of a request to `path` may have; 0: as many as it likes."""
    server = settings.LIGHTRAG.server
    if path == ADMIN_UPLOAD_PATH:
        return server.max_upload_bytes * FILES_AT_ONCE
    if path in UPLOAD_PATHS or RESOURCE_UPLOADS.fullmatch(path):
        return server.max_upload_bytes and server.max_upload_bytes + MULTIPART_ROOM
    if path in TEXT_PATHS or path.startswith(DOCUMENT_PATH):
        return server.max_text_body_bytes
    return server.max_body_bytes


def declared_length(scope: Scope) -> int:
    """Content-Length, 0 where there is none or it is no number."""
    for name, value in scope["headers"]:
        if name == b"content-length" and value.isdigit():
            return int(value)
    return 0


def refusal(path: str, limit: int) -> dict[str, Any]:
    """LightRAG's body of the error, and for their own paths OpenAI's or Ollama's."""
    text = f"Request body too large. This endpoint accepts at most {limit} bytes."
    if path.startswith(("/v1/", "/api/v1/")):
        shape = {"message": text, "type": "invalid_request_error", "param": None}
        return {"error": shape | {"code": "request_too_large"}}
    if path.startswith("/api/"):
        return {"error": text, "detail": text}
    return {"detail": text}


async def refuse(send: Send, path: str, limit: int) -> None:
    """413, and the connection ends, for the rest of the body may still be coming."""
    body = json.dumps(refusal(path, limit)).encode()
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": 413, "headers": headers})
    await send({"type": "http.response.body", "body": body})


class CountedBody:
    """Counts a body that did not say its length, and stops it at the limit."""

    def __init__(self, receive: Receive, send: Send, path: str, limit: int) -> None:
        self._receive, self._send = receive, send
        self._path, self._limit = path, limit
        self._seen = 0
        self._refused = False

    async def receive(self) -> ASGIMessage:
        """The next message; a disconnection once the body has grown too long."""
        message = await self._receive()
        self._seen += len(message.get("body", b""))
        if self._seen <= self._limit:
            return message
        if not self._refused:
            self._refused = True
            await refuse(self._send, self._path, self._limit)
        return {"type": "http.disconnect"}

    async def send(self, message: ASGIMessage) -> None:
        """What the application answers, unless the answer has been given."""
        if not self._refused:
            await self._send(message)


class BodyLimit:
    """ASGI middleware: 413 instead of a body over the limit of its route."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or refuse it."""
        limit = limit_of(scope["path"]) if scope["type"] == "http" else 0
        if not limit:
            await self._application(scope, receive, send)
        elif declared_length(scope) > limit:
            await refuse(send, scope["path"], limit)
        else:
            body = CountedBody(receive, send, scope["path"], limit)
            await self._application(scope, body.receive, body.send)
