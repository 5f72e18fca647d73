"""A server that asks who calls asks at every address, but for those listed here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django.fixtures import Settings

from lightrag_site.configuration.config import AccountConfig

OPEN = {
    "": "leads to the pages, which ask",
    "health": "says that the server lives, and no more",
    "ready": "says whether database and Redis answer, and no more",
    "auth-status": "says how to log in",
    "login": "is where one logs in",
    "ui/customization": "the title of the pages",
    "ui/customization/assets/x/x": "there are none",
    "docs": "as LightRAG's; ENABLE_API_DOCS takes it away",
    "redoc": "as LightRAG's",
    "openapi.json": "as LightRAG's",
    "webui/login/": "is where one logs in",
    "webui/logout/": "tells nothing",
    "webui/language": "which language the pages are in",
    "admin/login/": "is where one logs in",
    "admin/logout/": "tells nothing",
}
WAYS: dict[str, dict[str, dict[str, Any]]] = {
    "a key": {"server": {"api_key": "key123"}},
    "accounts": {"access": {"accounts": (AccountConfig("ada", "secret"),)}},
    "a login": {"access": {"require_login": True}},
}


def addresses(
    patterns: list[URLPattern | URLResolver], before: str = ""
) -> Iterator[str]:
    """Every address of the site, `x` or 1 where a part of it varies."""
    for pattern in patterns:
        part = re.sub(r"<int:[^>]*>", "1", str(pattern.pattern))
        part = re.sub(r"\(\?P<[^>]*>[^)]*\)|<[^>]*>", "x", part)
        part = re.sub(r"/\?\$|[\^$]|\\Z", "", part).replace("\\.", ".")
        if isinstance(pattern, URLResolver):
            yield from addresses(pattern.url_patterns, before + part)
        else:
            yield before + part


ALL = sorted(set(addresses(get_resolver().url_patterns)))


@pytest.fixture(params=WAYS)
def closed(request: pytest.FixtureRequest, settings: Settings, db: None) -> None:
    config = settings.LIGHTRAG
    for part, changes in WAYS[request.param].items():
        config = replace(config, **{part: replace(getattr(config, part), **changes)})
    settings.LIGHTRAG = config


def asks(client: Client, path: str, method: str) -> str:
    """What is wrong with the answer; empty where it asked who calls."""
    answer = client.generic(method, f"/{path}")
    if answer.status_code in (301, 302, 307):
        led = answer["Location"].split("?")[0]
        fine = led.endswith(("/login/", "/docs", f"/{path}/")) or led == "/webui/"
        return "" if fine else f"{method} /{path} leads to {led}"
    if answer.status_code in (401, 403, 404, 405):
        return ""
    return f"{method} /{path} answers {answer.status_code}"


def test_the_list_has_every_door() -> None:
    doors = {path.split("/")[0] for path in ALL}
    assert doors >= {"admin", "api", "documents", "graph", "metrics", "query"}
    assert doors >= {"resources", "v1", "webui", "workspaces"}
    assert len(ALL) > 150


def test_no_address_answers_a_stranger(closed: None) -> None:
    client = Client(raise_request_exception=False)
    told = [
        asks(client, path, method)
        for path in ALL
        for method in ("GET", "POST", "DELETE")
        if path not in OPEN
    ]
    assert [line for line in told if line] == []
