"""Authentication before the body of a request is read.

Django reads and spools a whole body before any view runs. Here the caller is identified
by the headers first. A request without valid credentials reaches its view with an empty
body, so that the view answers in its own way: with the error of its dialect, or with the
login page. Public routes (login forms) accept small bodies from everyone.
"""

from __future__ import annotations

import asyncio
import io
import time

from django.contrib.auth import get_user
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.asgi import ASGIRequest
from django.db import DatabaseError
from django.http import HttpResponse

from compat_api.auth import authentication, callers
from compat_api.auth.callers import Refused
from compat_api.http import url_resolution
from compat_api.http.asgi import Application, ASGIMessage, Receive, Scope, Send
from compat_api.http.body_limit import declared_length, discard
from compat_api.http.dialects import head_error
from retrieval.db_thread import run_in_db

PUBLIC_BYTES = 64 * 1024
"""Upper bound on a body without credentials."""
REFUSALS = frozenset({401, 403, 408, 413, 414, 429, 431, 503})
FREE_REFUSALS = 40
"""Refusals of a client in each REFUSAL_WINDOW that are answered at once."""
REFUSAL_WINDOW = 10.0
DELAY_STEP, MAX_DELAY = 0.05, 1.0
"""Seconds by which the delay grows with each refusal, and its upper bound."""
MAX_COUNTED = 10_000
"""Upper bound on the clients whose refusals are counted."""
MAX_PATH, MAX_QUERY, MAX_HEADER = 4 * 1024, 16 * 1024, 16 * 1024
"""Upper bounds on the bytes of the path, the query string and one header."""


class AdmissionMiddleware:
    """ASGI middleware that lets only identified callers send a body."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, with an empty body if its caller is unknown."""
        if scope["type"] != "http":
            return
        if not has_body(scope) or await may_send_body(scope):
            await self._application(scope, receive, send)
            return
        await WithoutBody(receive, send).run(self._application, scope)


class RefusalDelayMiddleware:
    """ASGI middleware that delays repeated refusals to the same client.

    Otherwise a client could occupy the process by repeating a refused request without
    a pause. Accepted requests from the same network are not delayed.
    """

    def __init__(self, application: Application) -> None:
        self._application = application
        self._counts: dict[str, tuple[float, int]] = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; delay the response if it is a repeated refusal."""
        if scope["type"] != "http":
            return

        async def send_later(message: ASGIMessage) -> None:
            if (
                message["type"] == "http.response.start"
                and message["status"] in REFUSALS
            ):
                await asyncio.sleep(self._delay(client_of(scope)))
            await send(message)

        await self._application(scope, receive, send_later)

    def _delay(self, client: str) -> float:
        now = time.monotonic()
        if len(self._counts) > MAX_COUNTED:
            self._counts.clear()
        start, count = self._counts.get(client, (now, 0))
        if now - start > REFUSAL_WINDOW:
            start, count = now, 0
        self._counts[client] = (start, count + 1)
        return min(max(0, count - FREE_REFUSALS) * DELAY_STEP, MAX_DELAY)


def client_of(scope: Scope) -> str:
    """Return the network of the client.

    Credentials are not used: a client that guesses sends different ones each time.
    """
    return callers.network_of(ASGIRequest({**scope, "headers": []}, io.BytesIO()))


class HeadLimitMiddleware:
    """ASGI middleware that refuses heads with too long parts."""

    def __init__(self, application: Application) -> None:
        self._application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer 414 or 431."""
        status = head_status(scope) if scope["type"] == "http" else 0
        if not status:
            await self._application(scope, receive, send)
            return
        body = head_error(scope["path"], status)
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
            (b"connection", b"close"),
        ]
        await send(
            {"type": "http.response.start", "status": status, "headers": headers}
        )
        await send({"type": "http.response.body", "body": body})


def head_status(scope: Scope) -> int:
    """Return 414 or 431 for a head with too long parts, otherwise 0."""
    path = scope.get("raw_path") or scope["path"].encode("utf-8", "replace")
    if len(path) > MAX_PATH or len(scope.get("query_string", b"")) > MAX_QUERY:
        return 414
    if any(len(name) + len(value) > MAX_HEADER for name, value in scope["headers"]):
        return 431
    return 0


def has_body(scope: Scope) -> bool:
    """Return whether the request has a body, of known or unknown length."""
    return declared_length(scope) > 0 or any(
        name == b"transfer-encoding" for name, _value in scope["headers"]
    )


async def may_send_body(scope: Scope) -> bool:
    """Return whether the body may be read."""
    is_small = 0 < declared_length(scope) <= PUBLIC_BYTES
    if is_small and url_resolution.is_public(scope["method"], scope["path"]):
        return True
    return await run_in_db(is_identified, scope)


def is_identified(scope: Scope) -> bool:
    """Return whether the head has valid credentials or the session of a user.

    The identity is stored in the scope, so the view does not look it up again. If the
    database cannot be reached, the body is not read, and the view reports the error.
    """
    request = ASGIRequest(scope, io.BytesIO())
    if authentication.is_whitelisted(request.path_info):
        return True
    try:
        authentication.identify(request)
    except DatabaseError:
        return False
    except Refused:
        return has_session(request)
    return True


def has_session(request: ASGIRequest) -> bool:
    """Return whether the session cookie belongs to an active user."""
    SessionMiddleware(lambda _request: HttpResponse()).process_request(request)
    return bool(get_user(request).is_authenticated)


class WithoutBody:
    """A request whose body is discarded while the application answers it."""

    def __init__(self, receive: Receive, send: Send) -> None:
        self._receive, self._send = receive, send
        self._is_first = True

    async def run(self, application: Application, scope: Scope) -> None:
        """Let the application answer as if the request had no body."""
        headers = [
            (name, value)
            for name, value in scope["headers"]
            if name not in (b"content-length", b"transfer-encoding")
        ]
        headers.append((b"content-length", b"0"))
        await application({**scope, "headers": headers}, self.receive, self.send)

    async def receive(self) -> ASGIMessage:
        """Return an empty body first, then wait until the client disconnects."""
        if self._is_first:
            self._is_first = False
            return {"type": "http.request", "body": b"", "more_body": False}
        while True:
            message = await self._receive()
            if message["type"] == "http.disconnect":
                return message

    async def send(self, message: ASGIMessage) -> None:
        """Send the response; close the connection after the client has read it."""
        if message["type"] == "http.response.start":
            headers = [*message.get("headers", ()), (b"connection", b"close")]
            message = {**message, "headers": headers}
        elif not message.get("more_body", False):
            await self._send({**message, "more_body": True})
            await discard(self._receive)
            message = {"type": "http.response.body", "body": b""}
        await self._send(message)
