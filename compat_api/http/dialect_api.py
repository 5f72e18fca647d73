"""Base of the dialects' APIs: django-ninja with FastAPI's validation errors."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from asgiref.sync import iscoroutinefunction, markcoroutinefunction
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI, Router
from ninja.errors import ValidationError, ValidationErrorContext
from ninja.openapi.schema import OpenAPISchema
from ninja.operation import Operation
from ninja.renderers import JSONRenderer
from ninja.utils import normalize_path, replace_path_param_notation

from compat_api.http import openapi, validation_errors


def answering_head(view: Callable[..., Any]) -> Callable[..., Any]:
    """Return a view that answers HEAD as GET; the server sends no body for HEAD."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if request.method == "HEAD":
            request.method = "GET"
        return view(request, *args, **kwargs)

    return markcoroutinefunction(answer) if iscoroutinefunction(view) else answer


class CompactRenderer(JSONRenderer):
    """JSON without spaces, and without escapes for non-ASCII characters."""

    json_dumps_params = {"ensure_ascii": False, "separators": (",", ":")}


class DialectAPI(NinjaAPI):
    """A NinjaAPI whose views know their operations and whose errors are FastAPI's."""

    dialect = openapi.LIGHTRAG

    def __init__(self, **options: Any) -> None:
        self._operations: dict[str, list[Operation]] = {}
        self._included: list[tuple[str, DialectAPI]] = []
        super().__init__(**options)

    def add_router(self, prefix: str, router: Router | str, **options: Any) -> None:
        """Add a router; remember the operations of its routes."""
        super().add_router(prefix, router, **options)
        assert isinstance(router, Router)
        for path, view in router.path_operations.items():
            route = normalize_path("/".join(filter(None, (prefix, path)))).lstrip("/")
            self._operations[replace_path_param_notation(route)] = view.operations

    @property
    def urls(self) -> tuple[list[URLResolver | URLPattern], str, str]:
        """Return the URL configuration; each view has its `operations` as an attribute.

        django-ninja hides them in a closure. `routes.handlers` reads the attribute.
        """
        patterns, app_name, namespace = super().urls
        for pattern in patterns:
            operations = self._operations.get(str(pattern.pattern))
            if operations and isinstance(pattern, URLPattern):
                if not any("HEAD" in operation.methods for operation in operations):
                    pattern.callback = answering_head(pattern.callback)
                pattern.callback.operations = operations  # type: ignore[attr-defined]
        return patterns, app_name, namespace

    def include_in_schema(self, prefix: str, api: DialectAPI) -> None:
        """Add the operations of `api` to this API's OpenAPI document.

        The names of the schemas of `api` are prefixed with `prefix`.
        """
        self._included.append((prefix, api))

    def get_openapi_schema(
        self,
        *,
        path_prefix: str | None = None,
        path_params: dict[str, Any] | None = None,
    ) -> OpenAPISchema:
        """Return the schema with what all operations have in common."""
        schema = super().get_openapi_schema(
            path_prefix=path_prefix, path_params=path_params
        )
        openapi.complete(schema, self.dialect)
        for prefix, api in self._included:
            other = api.get_openapi_schema(path_prefix=path_prefix)
            openapi.include(schema, other, prefix)
        return schema

    def validation_error_from_error_contexts(
        self, error_contexts: list[ValidationErrorContext[Any]]
    ) -> ValidationError:
        """Return the validation errors of one request in FastAPI's form."""
        return ValidationError(validation_errors.all_of(error_contexts))
