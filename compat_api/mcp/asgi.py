"""MCP at `/mcp` over streamable HTTP, with the API keys and workspaces of all APIs.

There are no sessions, so any web process can answer any request.
"""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import TYPE_CHECKING, Any

import anyio
from asgiref.sync import ThreadSensitiveContext
from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest
from starlette.datastructures import Headers

from compat_api.auth import authentication, callers
from compat_api.auth.callers import Forbidden, Refused, TooMany
from compat_api.http.asgi import Application, ASGIMessage, Receive, Scope, Send
from compat_api.http.body_limit import BodyLimit, BodyLimitMiddleware
from compat_api.mcp import request_context
from compat_api.mcp.request_context import RequestContext
from compat_api.models import Role
from documents.workspaces.lookup import UnknownWorkspace
from retrieval.db_thread import run_in_db

if TYPE_CHECKING:
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

PATHS = ("/mcp", "/mcp/")
EVENT_STREAM = "text/event-stream"
JSON_TYPES = ("application/json", "application/*", "*/*")
PROGRESS_TOKEN = b'"progressToken"'
SDK_BODY_LIMIT = 64 * 1024 * 1024
"""Limit of the SDK in bytes, above that of BodyLimitMiddleware."""


class MCPMiddleware:
    """ASGI middleware that answers MCP requests and passes others on."""

    def __init__(self, application: Application) -> None:
        self._application = application
        self._mcp = BodyLimitMiddleware(respond, BodyLimit.TEXT)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or pass it on."""
        is_mcp = scope["type"] == "http" and scope["path"] in PATHS
        await (self._mcp if is_mcp else self._application)(scope, receive, send)


async def respond(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer an MCP request."""
    if scope["method"] != "POST":
        await refuse(send, 405, "Only POST is allowed: this server has no sessions.")
        return
    # As in Django's handler: one thread for all database steps of a request.
    async with ThreadSensitiveContext():
        await authorize_and_process(scope, receive, send)


async def authorize_and_process(scope: Scope, receive: Receive, send: Send) -> None:
    """Process a request of an authorized caller; answer others with an error."""
    try:
        context = await run_in_db(context_of, scope)
    except Forbidden as error:
        await refuse(send, 403, error.detail)
    except TooMany as error:
        await refuse(send, 429, error.detail, error.retry_after)
    except Refused as error:
        # MCP clients ask for an API key only on 401.
        await refuse(send, 401, error.detail)
    except UnknownWorkspace as error:
        await refuse(send, 404, str(error))
    except DisallowedHost:
        await refuse(send, 400, "Unknown host name. Add it to ALLOWED_HOSTS.")
    else:
        request_context.set_current(context)
        await process(scope, receive, send)


def context_of(scope: Scope) -> RequestContext:
    """Return the caller and workspace of a request.

    Raises Refused, UnknownWorkspace or DisallowedHost.
    """
    request = ASGIRequest(scope, io.BytesIO())
    request.get_host()
    caller = authentication.admit(request, Role.READ)
    return RequestContext(callers.workspace(request), caller, callers.actor_of(request))


async def process(scope: Scope, receive: Receive, send: Send) -> None:
    """Let the SDK process a request; cancel it when the client disconnects."""
    messages = await read_body(receive)
    create_manager = await asyncio.to_thread(load_sdk)
    manager = create_manager(
        json_response=not wants_stream(scope, messages),
        stateless=True,
        max_request_body_size=SDK_BODY_LIMIT,
    )
    async with manager.run(), anyio.create_task_group() as group:
        watcher = DisconnectWatcher(receive, group.cancel_scope, messages)
        group.start_soon(watcher.run)
        await manager.handle_request(accepting_both(scope), watcher.receive, send)
        group.cancel_scope.cancel()


@cache
def load_sdk() -> Callable[..., StreamableHTTPSessionManager]:
    """Import the SDK, which takes 25 MB and a second, and create the server."""
    from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

    from compat_api.mcp.server import protocol

    return partial(StreamableHTTPSessionManager, protocol)


async def read_body(receive: Receive) -> list[ASGIMessage]:
    """Return the messages with the body, and a disconnection if the client left."""
    messages = [await receive()]
    while messages[-1].get("more_body"):
        messages.append(await receive())
    return messages


def wants_stream(scope: Scope, messages: Sequence[ASGIMessage]) -> bool:
    """Return whether to answer with a stream, which is needed to report progress.

    It is needed for a request with a progress token, and for a client that accepts
    nothing else.
    """
    accepted = Headers(scope=scope).get("accept", "")
    if EVENT_STREAM in accepted and not any(kind in accepted for kind in JSON_TYPES):
        return True
    return any(PROGRESS_TOKEN in message.get("body", b"") for message in messages)


def accepting_both(scope: Scope) -> Scope:
    """Return the request as if it accepted both kinds of response.

    The SDK requires that, but many clients send less.
    """
    headers = [header for header in scope["headers"] if header[0] != b"accept"]
    both = (b"accept", f"application/json, {EVENT_STREAM}".encode())
    return {**scope, "headers": [*headers, both]}


class DisconnectWatcher:
    """Forwards the client's messages, and cancels `scope` when it disconnects.

    `messages` have been received already.
    """

    def __init__(
        self,
        receive: Receive,
        scope: anyio.CancelScope,
        messages: Sequence[ASGIMessage],
    ) -> None:
        self._receive = receive
        self._scope = scope
        self._messages: asyncio.Queue[ASGIMessage] = asyncio.Queue()
        for message in messages:
            self._messages.put_nowait(message)

    async def run(self) -> None:
        """Forward messages until the client disconnects."""
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self._scope.cancel()
                return
            await self._messages.put(message)

    async def receive(self) -> ASGIMessage:
        """Return the next message, for the application."""
        return await self._messages.get()


async def refuse(send: Send, status: int, message: str, retry_after: int = 0) -> None:
    """Send a JSON-RPC error without an id, as the SDK does."""
    body: dict[str, Any] = {
        "jsonrpc": "2.0",
        "id": None,
        "error": {"code": -32600, "message": message},
    }
    headers = [(b"content-type", b"application/json")]
    if status == 401:
        headers.append((b"www-authenticate", b"Bearer"))
    if retry_after:
        headers.append((b"retry-after", str(retry_after).encode()))
    if status == 405:
        headers.append((b"allow", b"POST"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": json.dumps(body).encode()})
