"""Every route of every API declares its permission: this test walks all of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

from compat_api.auth.permissions import ADMIN, APIKeyAuth
from compat_api.lightrag.api import lightrag
from compat_api.mcp import tools
from compat_api.mcp.server import WRITE_TOOLS
from compat_api.ollama.api import ollama
from compat_api.openai.api import openai
from compat_api.rest.authentication import RoleByMethod
from compat_api.webui import session

PUBLIC_OPERATIONS = {
    "go_to_pages",
    "heartbeat",
    "auth_status",
    "login",
    "logout",
    "verify",
    "customization",
    "customization_asset",
}
"""Operations of LightRAG's API with `auth=None`: they work without credentials."""
PUBLIC_PAGES = {session.login, session.logout, session.choose_language}
OTHER_VIEWS = ("metrics", "ready", "docs", "redoc", "resources/schema/", "openapi.json")
"""Views without workspace data: `/metrics` checks an API key, ENABLE_API_DOCS the rest."""


def views(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    """Yield each path and its pattern, without Django's own admin."""
    for pattern in resolver.url_patterns:
        path = prefix + str(pattern.pattern).removeprefix("^")
        if path.startswith("admin/"):
            continue
        if isinstance(pattern, URLResolver):
            yield from views(pattern, path)
        else:
            yield path, pattern


def is_declared(path: str, view: Any) -> bool:
    """Return whether a view declares the permission of each of its operations."""
    operations = getattr(view, "operations", None)
    if operations is not None:
        return all(is_operation_declared(operation) for operation in operations)
    cls = getattr(view, "cls", None)
    if cls is not None:
        return bool(cls.permission_classes == [RoleByMethod])
    return hasattr(view, "permission") or view in PUBLIC_PAGES


def is_operation_declared(operation: Any) -> bool:
    """Return whether a django-ninja operation has its own permission, or is public."""
    if operation.auth_param is None:
        return operation.view_func.__name__ in PUBLIC_OPERATIONS
    return isinstance(operation.auth_param, APIKeyAuth)


def test_every_route_declares_its_permission() -> None:
    patterns = dict(views(get_resolver()))
    assert len(patterns) > 100, "The walk has found the routes."
    undeclared = [
        path
        for path, pattern in patterns.items()
        if not is_declared(path, pattern.callback)
        and not path.startswith(OTHER_VIEWS)
        and pattern.name != "api-root"  # django-ninja's, for `reverse` only
    ]
    assert undeclared == []


def test_an_operation_without_a_permission_needs_the_role_admin() -> None:
    assert [api.auth for api in (lightrag, openai, ollama)] == [[ADMIN]] * 3


def test_every_mcp_tool_is_declared_as_reading_or_writing() -> None:
    assert {tool.__name__ for tool in tools.WRITE_TOOLS} == WRITE_TOOLS
    assert not set(tools.READ_TOOLS) & set(tools.WRITE_TOOLS)
