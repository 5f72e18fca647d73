"""A path prefix is removed, whether or not the proxy has removed it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from pytest_django import DjangoDbBlocker

from lightrag_site.asgi import application
from lightrag_site.serving.url_prefix import UrlPrefix
from tests.compat_api.serving import site


@pytest.mark.parametrize(
    ("path", "path_seen"),
    [
        ("/rag/health", "/health"),
        ("/health", "/health"),
        ("/rag", "/"),
        ("/ragtime", "/ragtime"),
    ],
)
async def test_the_application_sees_no_prefix_but_links_with_it(
    path: str, path_seen: str
) -> None:
    scopes: list[Any] = []

    async def application(scope: Any, _receive: Any, _send: Any) -> None:
        scopes.append(scope)

    unused: Any = None
    scope = {"type": "http", "path": path}
    await UrlPrefix(application, "/rag")(scope, unused, unused)
    assert scopes[0]["path"] == path_seen
    assert scopes[0]["root_path"] == "/rag"


@pytest.fixture(scope="module")
def below(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[httpx.Client]:
    """Return a client of the site below /rag that does not follow redirects."""
    with (
        django_db_blocker.unblock(),
        site(UrlPrefix(application, "/rag")) as address,
        httpx.Client(base_url=address) as client,
    ):
        yield client


@pytest.mark.parametrize("prefix", ["", "/rag"])
@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("/", "/rag/webui/"),
        ("/webui", "/rag/webui/"),
        ("/health/", "/rag/health"),
        ("/admin/", "/rag/admin/login/?next=/rag/admin/"),
    ],
)
def test_redirects_lead_below_the_prefix(
    below: httpx.Client, prefix: str, path: str, location: str
) -> None:
    assert below.get(prefix + path).headers["Location"] == location


def test_health_reports_the_pages_below_the_prefix(below: httpx.Client) -> None:
    health = below.get("/rag/health").json()
    assert health["webui_available"] is True


def test_links_of_resources_are_below_the_prefix(below: httpx.Client) -> None:
    links = below.get("/rag/resources/").json()
    assert links["workspaces"] == f"{below.base_url}/rag/resources/workspaces/"


def test_the_policy_of_the_admin_applies_below_the_prefix(below: httpx.Client) -> None:
    policy = below.get("/rag/admin/login/").headers["Content-Security-Policy"]
    assert "unsafe-inline" in policy


def test_mcp_is_below_the_prefix(below: httpx.Client) -> None:
    assert below.get("/rag/mcp").status_code == below.get("/mcp").status_code == 405
