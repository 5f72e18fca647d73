"""CORS: what scripts of other origins may send and read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import httpx
import pytest
from pytest_django import Settings

from lightrag_site.asgi import site
from lightrag_site.serving.cross_origin import CrossOrigin
from retrieval.llm.base import ChatModel, ChatRequest
from retrieval.llm.errors import ProviderDown, RateLimited
from retrieval.llm.testing.fake import FakeChat, Reply
from tests.compat_api import serving
from tests.compat_api.serving import Served

LISTED = "https://listed.example"
UNLISTED = "https://unlisted.example"
HEADERS = "authorization, content-type, lightrag-workspace, x-api-key, x-stainless-lang"
Answering = Callable[[ChatModel], None]
QUESTION: dict[str, Any] = {"query": "Who discovered radium?", "mode": "naive"}


def allow(settings: Settings, *origins: str) -> None:
    """Configure CORS_ORIGINS, because an open server refuses other origins."""
    server = replace(settings.LIGHTRAG.server, cors_origins=origins)
    settings.LIGHTRAG = replace(settings.LIGHTRAG, server=server)


@pytest.fixture
def client(served: Served, settings: Settings) -> Iterator[httpx.Client]:
    """Return a client of another origin, for a server that allows all origins."""
    allow(settings, "*")
    with httpx.Client(base_url=served.base_url, headers={"Origin": UNLISTED}) as http:
        yield http


@pytest.fixture
def restricted(served: Served, settings: Settings) -> Iterator[httpx.Client]:
    """Return a client for a server that allows listed origins only."""
    allow(settings, LISTED)
    with (
        serving.site(CrossOrigin(site, [LISTED])) as address,
        httpx.Client(base_url=address) as http,
    ):
        yield http


def preflight(http: httpx.Client, path: str, origin: str) -> httpx.Response:
    """Send a preflight request, as a browser does."""
    headers = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": HEADERS,
    }
    return http.options(path, headers=headers)


@pytest.mark.parametrize(
    "path", ["/query", "/v1/chat/completions", "/api/chat", "/mcp"]
)
def test_any_origin_may_send_any_header_but_no_cookies(
    client: httpx.Client, path: str
) -> None:
    answer = preflight(client, path, UNLISTED)
    assert answer.status_code == 200
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Access-Control-Allow-Headers"] == HEADERS
    assert "PUT" in answer.headers["Access-Control-Allow-Methods"]
    assert "Access-Control-Allow-Credentials" not in answer.headers


def test_preflight_of_an_unlisted_origin_is_refused(restricted: httpx.Client) -> None:
    listed = preflight(restricted, "/query", LISTED)
    assert listed.headers["Access-Control-Allow-Origin"] == LISTED
    assert listed.headers["Access-Control-Allow-Credentials"] == "true"
    unlisted = preflight(restricted, "/query", UNLISTED)
    assert unlisted.status_code == 400
    assert "Access-Control-Allow-Origin" not in unlisted.headers


def test_unlisted_origin_cannot_read_responses(restricted: httpx.Client) -> None:
    listed = restricted.get("/health", headers={"Origin": LISTED})
    assert listed.headers["Access-Control-Allow-Origin"] == LISTED
    unlisted = restricted.get("/health", headers={"Origin": UNLISTED})
    assert "Access-Control-Allow-Origin" not in unlisted.headers
    assert "Origin" in listed.headers["Vary"]
    assert "Origin" in unlisted.headers["Vary"]


@pytest.mark.parametrize("path", ["/webui/", "/admin/", "/webui/graph/data"])
def test_pages_have_no_cors_headers(client: httpx.Client, path: str) -> None:
    assert (
        "Access-Control-Allow-Origin" not in preflight(client, path, UNLISTED).headers
    )
    assert "Access-Control-Allow-Origin" not in client.get(path).headers


def is_readable(answer: httpx.Response) -> bool:
    """Return whether a script can read the response and its headers."""
    exposed = answer.headers.get("Access-Control-Expose-Headers", "")
    allowed = answer.headers.get("Access-Control-Allow-Origin") == "*"
    return allowed and {"X-New-Token", "Retry-After"} <= set(exposed.split(", "))


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/health", None, 200),
        ("GET", "/nowhere", None, 404),
        ("PUT", "/query", {}, 405),
        ("POST", "/query", {}, 422),
        ("POST", "/query", {"query": "x" * 1_100_000}, 413),
        ("POST", "/query/stream", QUESTION, 200),
        ("GET", "/resources/workspaces/", None, 200),
    ],
)
def test_responses_and_errors_have_cors_headers(
    client: httpx.Client, method: str, path: str, body: Any, status: int
) -> None:
    answer = client.request(method, path, json=body)
    assert answer.status_code == status
    assert is_readable(answer)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (RateLimited("Slow down.", retry_after=2), 429),
        (ProviderDown("The model is down."), 502),
        (RuntimeError("This error is not expected."), 500),
    ],
)
def test_server_errors_have_cors_headers(
    client: httpx.Client, answering: Answering, error: Exception, status: int
) -> None:
    def fail(_: ChatRequest) -> Reply:
        raise error

    answering(FakeChat(fail))
    answer = client.post("/query", json=QUESTION)
    assert answer.status_code == status
    assert is_readable(answer)


def test_refusals_have_cors_headers(client: httpx.Client, settings: Settings) -> None:
    server = replace(settings.LIGHTRAG.server, api_key="sesame")
    settings.LIGHTRAG = replace(settings.LIGHTRAG, server=server)
    for path in ("/documents/paginated", "/v1/responses", "/api/chat", "/mcp"):
        answer = client.post(path, json={})
        assert answer.status_code in (401, 403)
        assert is_readable(answer)
