"""Disconnected clients: their work is cancelled and nothing is held."""

from __future__ import annotations

import asyncio
import gc
import socket
import struct
import time
from collections.abc import AsyncGenerator, Callable, Container
from typing import Any

import httpx
import pytest
from django.db import connection

from retrieval.llm.base import ChatModel, ChatRequest, Completion
from tests.compat_api.serving import Served

Answering = Callable[[ChatModel], None]
QUESTION = "Who discovered radium?"
MESSAGES = [{"role": "user", "content": QUESTION}]
SLOW = 30.0


class EndlessModel:
    """Model that yields a token every 5 ms (or `words` at once) and counts its calls."""

    identity = "model"
    calls_tools = False

    def __init__(self, *, silent: bool = False, words: int = 0) -> None:
        self._words = words
        self.running_calls = 0
        self.calls = 0
        self._silent = silent

    async def complete(self, request: ChatRequest) -> Completion:
        self.calls += 1
        self.running_calls += 1
        try:
            await asyncio.sleep(SLOW)
            return Completion("Never.")
        finally:
            self.running_calls -= 1

    async def stream(self, request: ChatRequest) -> AsyncGenerator[str, None]:
        self.calls += 1
        self.running_calls += 1
        try:
            for _ in range(self._words):
                yield "word "
            while not self._words:
                await asyncio.sleep(SLOW if self._silent else 0.005)
                yield "word "
        finally:
            self.running_calls -= 1


STREAMS: dict[str, dict[str, Any]] = {
    "/v1/chat/completions": {"model": "LightRAG:naive", "messages": MESSAGES},
    "/v1/responses": {"model": "LightRAG:naive", "input": QUESTION},
    "/api/chat": {"model": "lightrag:naive", "messages": MESSAGES},
    "/api/generate": {"model": "lightrag", "prompt": QUESTION},
    "/query/stream": {"query": QUESTION, "mode": "naive"},
}
MCP = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "tools/call",
    "params": {"name": "query", "arguments": {"question": QUESTION, "mode": "naive"}},
}


STREAM_BODY = (
    b'{"model":"LightRAG:bypass","stream":true,'
    b'"messages":[{"role":"user","content":"Talk."}]}'
)
STREAM_REQUEST = (
    b"POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
) % (len(STREAM_BODY), STREAM_BODY)


def wait_until(reached: Callable[[], bool]) -> None:
    end = time.monotonic() + 30
    while not reached():
        assert time.monotonic() < end, "The condition was not reached."
        time.sleep(0.01)


def other_clients() -> dict[int, str]:
    """Return the other connections to the test database and their last queries."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pid, query FROM pg_stat_activity "
            "WHERE datname = current_database() AND pid <> pg_backend_pid() "
            "AND backend_type = 'client backend'"
        )
        return dict(cursor.fetchall())


def wait_for_disconnects(before: Container[int]) -> None:
    """Wait until only these connections are left."""
    end = time.monotonic() + 30
    while new := {pid: q for pid, q in other_clients().items() if pid not in before}:
        assert time.monotonic() < end, new
        time.sleep(0.01)


@pytest.mark.parametrize("path", STREAMS)
def test_disconnect_during_a_stream_cancels_the_model_call(
    served: Served, answering: Answering, path: str
) -> None:
    model, before = EndlessModel(), other_clients()
    answering(model)
    body = STREAMS[path] | {"stream": True}
    with httpx.stream("POST", served.base_url + path, json=body) as answer:
        assert answer.status_code == 200
        words = answer.iter_text()
        next(words)
        assert model.running_calls == 1
        wait_for_disconnects(before)
    wait_until(lambda: model.running_calls == 0)
    assert model.calls == 1


async def send_and_disconnect(
    url: str, body: dict[str, Any], model: EndlessModel
) -> None:
    """Send a request; disconnect after the model was called, before its first token."""
    accept = {"Accept": "application/json, text/event-stream"}
    async with httpx.AsyncClient(headers=accept, timeout=30) as client:
        request = asyncio.create_task(client.post(url, json=body))
        await asyncio.to_thread(wait_until, lambda: model.running_calls == 1)
        request.cancel()
    await asyncio.to_thread(wait_until, lambda: model.running_calls == 0)
    assert model.calls == 1


@pytest.mark.parametrize("path", STREAMS)
@pytest.mark.parametrize("stream", [False, True])
async def test_disconnect_before_the_first_token_cancels_the_model_call(
    served: Served, answering: Answering, path: str, stream: bool
) -> None:
    model = EndlessModel(silent=True)
    answering(model)
    body: dict[str, Any] = STREAMS[path] | {"stream": stream}
    await send_and_disconnect(served.base_url + path, body, model)


async def test_disconnect_of_an_mcp_client_cancels_the_model_call(
    served: Served, answering: Answering
) -> None:
    model = EndlessModel(silent=True)
    answering(model)
    await send_and_disconnect(f"{served.base_url}/mcp", MCP, model)


def test_slow_reader_holds_neither_model_nor_database(
    served: Served, answering: Answering
) -> None:
    model, before = EndlessModel(words=4000), other_clients()
    answering(model)
    with socket.create_connection(address(served.base_url), timeout=30) as reader:
        reader.sendall(STREAM_REQUEST)
        wait_until(lambda: model.calls == 1)
        wait_until(lambda: model.running_calls == 0)
        wait_for_disconnects(before)  # usage is recorded
        received = b""
        while b"[DONE]" not in received:
            received += reader.recv(2**16)
    assert received.count(b"word") == 4000


async def read_and_reset(base_url: str) -> None:
    """Read a part of the response and reset the connection."""
    reader, writer = await asyncio.open_connection(*address(base_url))
    writer.write(STREAM_REQUEST)
    await reader.readuntil(b"word ")
    connected: socket.socket = writer.get_extra_info("socket")
    linger = struct.pack("ii", 1, 0)
    connected.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
    writer.transport.abort()


def address(base_url: str) -> tuple[str, int]:
    url = httpx.URL(base_url)
    assert url.port
    return url.host, url.port


async def test_killed_clients_leave_no_tasks(
    served: Served, answering: Answering
) -> None:
    model = EndlessModel()
    answering(model)
    before = len(tasks_of_the_server())
    for _ in range(10):
        await asyncio.gather(*(read_and_reset(served.base_url) for _ in range(4)))
    await asyncio.to_thread(wait_until, lambda: model.running_calls == 0)
    assert model.calls == 40
    await asyncio.to_thread(wait_until, lambda: len(tasks_of_the_server()) <= before)


def tasks_of_the_server() -> list[asyncio.Task[Any]]:
    """Return the tasks of requests on the server's event loop in this process."""
    # `type()`, because `__class__` would evaluate a lazy object.
    tasks = [item for item in gc.get_objects() if issubclass(type(item), asyncio.Task)]
    return [item for item in tasks if not item.done() and "run_asgi" in repr(item)]
