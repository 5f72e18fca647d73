"""Resolution of a URL to the function that handles a method, in every framework."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django import urls
from django.urls import Resolver404, ResolverMatch

ADMIN_LOGIN = "admin:login"


def resolve(path: str) -> ResolverMatch | None:
    """Return the match of a path in the URL configuration, or None."""
    try:
        return urls.resolve(path)
    except Resolver404:
        return None


def handler(view: Any, method: str) -> Callable[..., Any] | None:
    """Return the function that handles this method of a view, or None.

    For a django-ninja view it is the operation's function, for a REST framework view the
    method of its class, otherwise the view itself.
    """
    return next(
        (function for name, function in handlers(view) if name in (method, "*")), None
    )


def mark_public(view: Any) -> None:
    """Declare that a view accepts a body without credentials."""
    view.is_public = True


def is_public(method: str, path: str) -> bool:
    """Return whether a route accepts a body without credentials."""
    match = resolve(path)
    if match is None:
        return False
    if match.view_name == ADMIN_LOGIN:
        return True
    operations = getattr(match.func, "operations", ())
    return getattr(match.func, "is_public", False) or any(
        operation.auth_param is None
        for operation in operations
        if method in operation.methods
    )


def handlers(view: Any) -> Iterator[tuple[str, Callable[..., Any]]]:
    """Yield each method (`*` for any) and its function."""
    for operation in getattr(view, "operations", ()):  # see DialectAPI.urls
        for method in operation.methods:
            yield method, operation.view_func
    cls = getattr(view, "cls", None)
    if cls is not None:  # REST framework
        actions = getattr(view, "actions", None) or {
            name: name for name in cls.http_method_names if hasattr(cls, name)
        }
        for method, name in actions.items():
            yield method.upper(), getattr(cls, name)
    elif not hasattr(view, "operations"):
        yield "*", view
