"""MCP at `/mcp`, by streamable HTTP: the same keys and workspaces as every other door.

There are no sessions: each request stands alone, so any web process can answer it.
"""

from __future__ import annotations

import asyncio
import io
import json
from typing import Any

import anyio
from asgiref.sync import ThreadSensitiveContext
from django.core.exceptions import DisallowedHost
from django.core.handlers.asgi import ASGIRequest
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager

from compat_api.auth import authentication, callers, permissions, workspace_access
from compat_api.auth.callers import Forbidden, Refused, TooMany
from compat_api.http.asgi import Application, ASGIMessage, Receive, Scope, Send
from compat_api.mcp import transport
from compat_api.mcp.server import protocol
from compat_api.mcp.transport import Entered
from documents.workspaces.lookup import UnknownWorkspace
from retrieval.db_thread import run_in_db

PATHS = ("/mcp", "/mcp/")
MOST = 64 * 1024 * 1024
"""Bytes of a body here; `body_limit` has been stricter before."""


class McpDoor:
    """ASGI middleware: MCP requests are answered here, others passed on."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer the request, or hand it on."""
        if scope["type"] != "http" or scope["path"] not in PATHS:
            await self._application(scope, receive, send)
        elif scope["method"] != "POST":
            await refuse(send, 405, "Only POST is served here: there are no sessions.")
        else:
            # As Django does it: a thread of its own for each request's database steps.
            async with ThreadSensitiveContext():
                await admitted(scope, receive, send)


async def admitted(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer whoever may pass, from the workspace they name."""
    try:
        entered = await run_in_db(enter, scope)
    except Forbidden as error:
        await refuse(send, 403, error.detail)
    except TooMany as error:
        await refuse(send, 429, error.detail, error.retry_after)
    except Refused as error:
        # 401 is what makes an MCP client ask for a key.
        await refuse(send, 401, error.detail)
    except UnknownWorkspace as error:
        await refuse(send, 404, str(error))
    except DisallowedHost:
        await refuse(send, 400, "This host name is not served: see ALLOWED_HOSTS.")
    else:
        transport.begin(entered)
        await answer(scope, receive, send)


def enter(scope: Scope) -> Entered:
    """Who asks, and in which workspace; raises Refused, UnknownWorkspace or DisallowedHost."""
    request = ASGIRequest(scope, io.BytesIO())
    request.get_host()
    caller = authentication.admit(request, permissions.reading)
    return Entered(
        workspace_access.workspace(request), caller, callers.actor_of(request)
    )


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    """One request by the SDK; a client that goes away cancels what it asked for."""
    manager = StreamableHTTPSessionManager(
        protocol,
        json_response=True,
        stateless=True,
        max_request_body_size=MOST,
    )
    async with manager.run(), anyio.create_task_group() as group:
        pump = Pump(receive, group.cancel_scope)
        group.start_soon(pump.run)
        await manager.handle_request(scope, pump.receive, send)
        group.cancel_scope.cancel()


class Pump:
    """Hands on what the client sends, and cancels `scope` when it has gone."""

    def __init__(self, receive: Receive, scope: anyio.CancelScope) -> None:
        self._receive = receive
        self._scope = scope
        self._messages: asyncio.Queue[ASGIMessage] = asyncio.Queue(16)

    async def run(self) -> None:
        """Until the client has gone."""
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self._scope.cancel()
                return
            await self._messages.put(message)

    async def receive(self) -> ASGIMessage:
        """The next message, for the application."""
        return await self._messages.get()


async def refuse(send: Send, status: int, message: str, retry_after: int = 0) -> None:
    """A JSON-RPC error without an id, as the SDK's own are."""
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
