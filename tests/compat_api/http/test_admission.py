"""Tests of the authentication before the body, and of the limits of bodies and heads."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from asgiref.sync import async_to_sync
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from compat_api.http import admission, body_limit
from compat_api.http.admission import AdmissionMiddleware, HeadLimitMiddleware
from compat_api.http.asgi import ASGIMessage, Receive, Scope, Send
from compat_api.http.body_limit import BodyLimit, BodyLimitMiddleware
from tests.compat_api.conftest import Configure

pytestmark = pytest.mark.django_db(transaction=False)
KEY = "the-key"


@pytest.fixture(autouse=True)
def protected(configure: Configure, redis: str) -> None:
    configure(api_key=KEY)


async def read_body(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 200 with the number of bytes of the body."""
    size, message = 0, await receive()
    while message["type"] == "http.request":
        size += len(message.get("body", b""))
        if not message.get("more_body", False):
            break
        message = await receive()
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": str(size).encode()})


class Exchange:
    """One request: its body in parts, and what is sent back."""

    def __init__(self, parts: Sequence[bytes], *, then_wait: bool = False) -> None:
        self.sent: list[ASGIMessage] = []
        self.received = 0
        self._parts, self._waits = iter(parts), then_wait
        self._remaining = len(parts)

    async def receive(self) -> ASGIMessage:
        part = next(self._parts, None)
        if part is None:
            if self._waits:
                await asyncio.sleep(60)
            return {"type": "http.disconnect"}
        self.received += len(part)
        self._remaining -= 1
        more = self._remaining > 0 or self._waits
        return {"type": "http.request", "body": part, "more_body": more}

    async def send(self, message: ASGIMessage) -> None:
        self.sent.append(message)

    @property
    def status(self) -> int:
        return int(self.sent[0]["status"])

    @property
    def body(self) -> bytes:
        return b"".join(message.get("body", b"") for message in self.sent)


def scope_of(path: str, size: int, **headers: str) -> Scope:
    named = {"content-length": str(size), "host": "localhost", **headers}
    return {
        "type": "http",
        "method": "POST",
        "path": path,
        "query_string": b"",
        "client": ("192.0.2.7", 5),
        "headers": [
            (name.replace("_", "-").encode(), value.encode())
            for name, value in named.items()
        ],
    }


def respond(application: Any, scope: Scope, exchange: Exchange) -> Exchange:
    async_to_sync(application)(scope, exchange.receive, exchange.send)
    return exchange


@pytest.mark.parametrize(
    "path",
    [
        *("/documents/upload", "/query", "/v1/chat/completions", "/api/chat"),
        *("/resources/documents/", "/webui/documents/upload", "/no/such/path"),
        *("/admin/documents/document/add/", "/graph/cypher"),
    ],
)
@pytest.mark.parametrize("headers", [{}, {"x_api_key": "wrong"}])
def test_a_body_without_valid_credentials_is_not_passed_on(
    path: str, headers: dict[str, str]
) -> None:
    exchange = Exchange([b"x" * 1000] * 3)
    respond(AdmissionMiddleware(read_body), scope_of(path, 3000, **headers), exchange)
    assert exchange.body == b"0"
    assert (b"connection", b"close") in exchange.sent[0]["headers"]


@pytest.mark.parametrize(
    "headers", [{"x_api_key": KEY}, {"authorization": f"Bearer {KEY}"}]
)
def test_a_body_with_credentials_is_passed_on(headers: dict[str, str]) -> None:
    scope = scope_of("/query", 3000, **headers)
    exchange = respond(AdmissionMiddleware(read_body), scope, Exchange([b"x" * 3000]))
    assert exchange.body == b"3000"


def test_a_session_may_send_a_body() -> None:
    client = Client()
    client.force_login(User.objects.create_user("ada"))
    cookie = f"sessionid={client.cookies['sessionid'].value}"
    for value, size in ((cookie, b"9"), ("sessionid=invented", b"0")):
        scope = scope_of("/admin/documents/document/add/", 9, cookie=value)
        exchange = respond(AdmissionMiddleware(read_body), scope, Exchange([b"x" * 9]))
        assert exchange.body == size


@pytest.mark.parametrize(
    "path", ["/login", "/webui/login/", "/admin/login/", "/webui/language"]
)
def test_login_forms_are_read_without_credentials_if_they_are_small(path: str) -> None:
    small = respond(
        AdmissionMiddleware(read_body), scope_of(path, 100), Exchange([b"x" * 100])
    )
    assert small.body == b"100"
    size = admission.PUBLIC_BYTES + 1
    large = respond(
        AdmissionMiddleware(read_body), scope_of(path, size), Exchange([b"x" * size])
    )
    assert large.body == b"0"


def test_the_caller_is_looked_up_once(django_assert_num_queries: Any) -> None:
    async def view(scope: Scope, receive: Receive, send: Send) -> None:
        assert scope["lightrag.identity"].caller.name == "LIGHTRAG_API_KEY"
        await read_body(scope, receive, send)

    scope = scope_of("/query", 1, x_api_key=KEY)
    assert respond(AdmissionMiddleware(view), scope, Exchange([b"x"])).body == b"1"


def test_a_slow_body_is_answered_with_408(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_limit, "IDLE_SECONDS", 0.05)
    monkeypatch.setattr(body_limit, "LINGER_SECONDS", 0.05)
    exchange = Exchange([b"x"], then_wait=True)
    respond(BodyLimitMiddleware(read_body), scope_of("/query", 10), exchange)
    assert exchange.status == 408


def test_a_body_below_the_minimum_rate_is_answered_with_408(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(body_limit, "START_SECONDS", 0.1)

    class Slow(Exchange):
        async def receive(self) -> ASGIMessage:
            await asyncio.sleep(0.03)
            return await super().receive()

    exchange = Slow([b"x"] * 30)
    respond(BodyLimitMiddleware(read_body), scope_of("/query", 30), exchange)
    assert exchange.status == 408


def test_all_bodies_share_a_budget(settings: Settings) -> None:
    server = replace(settings.LIGHTRAG.server, max_spooled_bytes=1_000_000)
    settings.LIGHTRAG = replace(settings.LIGHTRAG, server=server)
    large, small = b"x" * 900_000, b"x" * 1000

    async def two_at_once(size: bytes) -> list[Exchange]:
        exchanges = [Exchange([size]), Exchange([size])]
        entered = asyncio.Event()

        async def view(scope: Scope, receive: Receive, send: Send) -> None:
            await receive()
            entered.set()
            await asyncio.sleep(0.1)
            await send({"type": "http.response.start", "status": 200, "headers": []})
            await send({"type": "http.response.body", "body": b""})

        limited = BodyLimitMiddleware(view, BodyLimit.UPLOAD)
        scope = scope_of("/documents/upload", len(size))
        await asyncio.gather(
            *(limited(scope, item.receive, item.send) for item in exchanges)
        )
        return exchanges

    statuses = [item.status for item in async_to_sync(two_at_once)(large)]
    assert sorted(statuses) == [200, 503]
    statuses = [item.status for item in async_to_sync(two_at_once)(small)]
    assert statuses == [200, 200]
    assert body_limit.budget._used == 0


@pytest.mark.parametrize(
    ("changes", "status"),
    [
        ({"path": "/" + "a" * 5000}, 414),
        ({"query_string": b"a" * 20_000}, 414),
        ({"headers": [(b"x", b"a" * 20_000)]}, 431),
        ({"query_string": b"a" * 2000}, 200),
    ],
)
def test_heads_have_limits(changes: dict[str, Any], status: int) -> None:
    scope = {**scope_of("/health", 0), **changes}
    exchange = respond(HeadLimitMiddleware(read_body), scope, Exchange([b""]))
    assert exchange.status == status


def test_a_client_that_repeats_refused_requests_is_answered_later(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr(asyncio, "sleep", sleep)

    async def refuse(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 429, "headers": []})

    application = admission.RefusalDelayMiddleware(refuse)
    for _number in range(80):
        respond(application, scope_of("/query", 0, x_api_key="a"), Exchange([]))
    assert slept[:40] == [0.0] * 40
    assert slept[-1] == admission.MAX_DELAY
    scope = {**scope_of("/query", 0), "client": ("192.0.2.8", 5)}
    respond(application, scope, Exchange([]))
    assert slept[-1] == 0.0
