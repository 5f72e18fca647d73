"""A path prefix is taken off whether the proxy took it off or not."""

from __future__ import annotations

from typing import Any

import pytest

from lightrag_site.url_prefix import UrlPrefix


@pytest.mark.parametrize(
    ("asked", "seen"),
    [
        ("/rag/health", "/health"),
        ("/health", "/health"),
        ("/rag", "/"),
        ("/ragtime", "/ragtime"),
    ],
)
async def test_the_application_sees_no_prefix_but_links_with_it(
    asked: str, seen: str
) -> None:
    scopes: list[Any] = []

    async def application(scope: Any, _receive: Any, _send: Any) -> None:
        scopes.append(scope)

    await UrlPrefix(application, "/rag")({"type": "http", "path": asked}, None, None)
    assert scopes[0]["path"] == seen
    assert scopes[0]["root_path"] == "/rag"
