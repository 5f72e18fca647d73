"""Tests of the requests that an open server refuses."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest
from asgiref.sync import async_to_sync
from pytest_django.fixtures import Settings

from compat_api.http.asgi import ASGIMessage, Receive, Scope, Send
from lightrag_site.serving import origin_guard
from lightrag_site.serving.origin_guard import OriginGuard

pytestmark = pytest.mark.django_db


def status_of(
    path: str = "/documents", host: str = "localhost:9621", **more: str
) -> int:
    """Return the status of a request through the middleware; 200 if it is passed on."""
    sent: list[ASGIMessage] = []

    async def view(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})

    async def receive() -> ASGIMessage:
        return {"type": "http.disconnect"}

    async def send(message: ASGIMessage) -> None:
        sent.append(message)

    headers = {"host": host, **{name.replace("_", "-"): more[name] for name in more}}
    encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
    scope: Scope = {"type": "http", "method": "POST", "path": path, "headers": encoded}
    async_to_sync(OriginGuard(view))(scope, receive, send)
    return int(sent[0]["status"])


@pytest.fixture(autouse=True)
def no_cached_names() -> None:
    origin_guard.own_names.cache_clear()


@pytest.mark.parametrize(
    "path", ["/documents", "/mcp", "/v1/chat/completions", "/api/chat", "/health", "/"]
)
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "http://localhost:3000", "file://"]
)
def test_a_foreign_origin_is_refused_on_every_route(path: str, origin: str) -> None:
    assert status_of(path, origin=origin) == 403


@pytest.mark.parametrize("origin", ["http://localhost:9621", "https://localhost:9621"])
def test_pages_of_this_server_are_accepted(origin: str) -> None:
    assert status_of(origin=origin) == 200


def test_programs_and_links_are_accepted() -> None:
    assert status_of() == 200
    link = {"sec_fetch_site": "cross-site", "sec_fetch_mode": "navigate"}
    assert status_of("/webui/", **link) == 200
    assert status_of(sec_fetch_site="cross-site", sec_fetch_mode="no-cors") == 403


@pytest.mark.parametrize(
    ("host", "status"),
    [
        *(("127.0.0.1", 200), ("192.168.1.4:9621", 200), ("[::1]:9621", 200)),
        *(("localhost", 200), ("host.docker.internal:9621", 200), ("", 200)),
        *(("rebind.evil.example", 400), ("localhost.evil.example:9621", 400)),
        *(("127.0.0.1.nip.io", 400), ("evil", 400), ("[::1", 400)),
    ],
)
def test_only_known_hosts_are_accepted(host: str, status: int) -> None:
    assert status_of(host=host) == status


def test_the_name_of_this_machine_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", lambda: "Rag.lan")
    for name in ("rag", "rag.lan", "RAG.local"):
        assert status_of(host=f"{name}:9621") == 200


def test_settings_name_exceptions(settings: Settings) -> None:
    server = replace(settings.LIGHTRAG.server, cors_origins=("https://app.example",))
    settings.LIGHTRAG = replace(settings.LIGHTRAG, server=server)
    assert status_of(origin="https://app.example") == 200
    assert status_of(origin="https://evil.example") == 403
    assert status_of(host="app.example") == 200
    access = replace(settings.LIGHTRAG.access, allowed_hosts=("rag.example",))
    settings.LIGHTRAG = replace(settings.LIGHTRAG, access=access)
    assert status_of(host="rag.example") == 200


def test_a_server_with_a_key_accepts_all_origins(settings: Settings) -> None:
    server = replace(settings.LIGHTRAG.server, api_key="k")
    settings.LIGHTRAG = replace(settings.LIGHTRAG, server=server)
    assert status_of(origin="https://app.example", host="rag.example") == 200
