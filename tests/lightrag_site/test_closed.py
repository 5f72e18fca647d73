"""A protected server requires authentication at every URL except those listed here."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from pytest_django.fixtures import Settings

from lightrag_site.configuration.config_classes import AccountConfig

OPEN = {
    "": "redirects to the pages, which are protected",
    "health": "reports only that the server runs",
    "ready": "reports only whether database and Redis answer",
    "auth-status": "describes how to log in",
    "login": "the login itself",
    "ui/customization": "the title of the pages",
    "ui/customization/assets/x/x": "no assets configured",
    "docs": "as in LightRAG; ENABLE_API_DOCS=false removes it",
    "redoc": "as in LightRAG",
    "openapi.json": "as in LightRAG",
    "webui/login/": "the login itself",
    "webui/logout/": "returns no data",
    "webui/language": "sets the language of the pages",
    "admin/login/": "the login itself",
    "admin/logout/": "returns no data",
}
PROTECTIONS: dict[str, dict[str, dict[str, Any]]] = {
    "a key": {"server": {"api_key": "key123"}},
    "accounts": {"access": {"accounts": (AccountConfig("ada", "secret"),)}},
    "a login": {"access": {"require_login": True}},
}


def urls(patterns: list[URLPattern | URLResolver], before: str = "") -> Iterator[str]:
    """Yield every URL of the site, with `x` or 1 for variable parts."""
    for pattern in patterns:
        part = re.sub(r"<int:[^>]*>", "1", str(pattern.pattern))
        part = re.sub(r"\(\?P<[^>]*>[^)]*\)|<[^>]*>", "x", part)
        part = re.sub(r"/\?\$|[\^$]|\\Z", "", part).replace("\\.", ".")
        if isinstance(pattern, URLResolver):
            yield from urls(pattern.url_patterns, before + part)
        else:
            yield before + part


ALL = sorted(set(urls(get_resolver().url_patterns)))


@pytest.fixture(params=PROTECTIONS)
def protected_site(
    request: pytest.FixtureRequest, settings: Settings, db: None
) -> None:
    config = settings.LIGHTRAG
    for part, changes in PROTECTIONS[request.param].items():
        config = replace(config, **{part: replace(getattr(config, part), **changes)})
    settings.LIGHTRAG = config


def problem_of(client: Client, path: str, method: str) -> str:
    """Return what is wrong, or an empty string if authentication is required."""
    response = client.generic(method, f"/{path}")
    if response.status_code in (301, 302, 307):
        target = response["Location"].split("?")[0]
        expected = (
            target.endswith(("/login/", "/docs", f"/{path}/")) or target == "/webui/"
        )
        return "" if expected else f"{method} /{path} redirects to {target}"
    if response.status_code in (401, 403, 404, 405):
        return ""
    return f"{method} /{path} answers {response.status_code}"


def test_all_urls_are_found() -> None:
    prefixes = {path.split("/")[0] for path in ALL}
    assert prefixes >= {"admin", "api", "documents", "graph", "metrics", "query"}
    assert prefixes >= {"resources", "v1", "webui", "workspaces"}
    assert len(ALL) > 150


def test_no_url_answers_without_authentication(protected_site: None) -> None:
    client = Client(raise_request_exception=False)
    problems = [
        problem_of(client, path, method)
        for path in ALL
        for method in ("GET", "POST", "DELETE")
        if path not in OPEN
    ]
    assert [line for line in problems if line] == []
