"""Tests of the limits of a request's head, on a real uvicorn."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import uvicorn

from compat_api.http.asgi import Receive, Scope, Send
from lightrag_site.serving import http_protocol
from lightrag_site.serving.http_protocol import HttpProtocol

GOOD = b"GET / HTTP/1.1\r\nHost: x\r\n\r\n"


async def hello(scope: Scope, receive: Receive, send: Send) -> None:
    await send(
        {
            "type": "http.response.start",
            "status": 200,
            "headers": [(b"content-length", b"2")],
        }
    )
    await send({"type": "http.response.body", "body": b"ok"})


async def responses(*parts: bytes, pause: float = 0.0) -> bytes:
    """Send the parts over one connection; return what the server sends until it closes.

    A part that is sent after that would reset the connection and lose the response.
    """
    config = uvicorn.Config(
        hello, port=0, http=HttpProtocol, ws="none", lifespan="off", log_config=None
    )
    server = uvicorn.Server(config)
    task = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    received: Any = b""
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause)
        received = await asyncio.wait_for(reader.read(), 3)
    except (ConnectionError, TimeoutError):
        pass
    finally:
        writer.close()
        server.should_exit = True
        await task
    return bytes(received)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_protocol, "HEAD_SECONDS", 0.3)


@pytest.mark.usefixtures("short")
@pytest.mark.parametrize(
    "parts",
    [
        (b"GET / HTTP/1.1\r\nHos",),
        (b"G", b"E", b"T"),
        (GOOD, b"GET / HTTP/1.1\r\n", b"A: b\r\n", b"C: d\r\n"),
    ],
)
def test_a_late_head_is_answered_with_408(parts: tuple[bytes, ...]) -> None:
    assert b"408 Request Timeout" in asyncio.run(responses(*parts, pause=0.12))


@pytest.mark.usefixtures("short")
def test_a_connection_without_a_request_is_closed() -> None:
    assert asyncio.run(responses()) == b""


def test_a_long_head_is_answered_with_431() -> None:
    head = b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 70_000
    assert b" 431 " in asyncio.run(responses(head))


@pytest.mark.usefixtures("short")
def test_several_requests_of_one_connection_are_answered() -> None:
    close = GOOD.replace(b"Host", b"Connection: close\r\nHost")
    assert asyncio.run(responses(GOOD, GOOD, close)).count(b"200 OK") == 3
