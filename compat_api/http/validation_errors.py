"""Validation errors as FastAPI gives them: 422 with pydantic's own error objects."""

from __future__ import annotations

import json
from typing import Any

from ninja import NinjaAPI
from ninja.errors import ValidationError, ValidationErrorContext
from ninja.openapi.schema import OpenAPISchema
from ninja.schema import DjangoGetter
from pydantic_core import ErrorDetails

from compat_api.http import openapi
from compat_api.http.clean_input import NotAnObject, clean

MISSING = {"type": "missing", "msg": "Field required"}
NO_OBJECT = {
    "type": "model_attributes_type",
    "msg": "Input should be a valid dictionary or object to extract fields from",
}
PARAMETERS_OF_BODY = {"form": "body", "file": "body"}


class FastAPIErrors(NinjaAPI):
    """A NinjaAPI whose validation errors keep `input` and begin with body or query."""

    dialect = openapi.LIGHTRAG

    def get_openapi_schema(
        self,
        *,
        path_prefix: str | None = None,
        path_params: dict[str, Any] | None = None,
    ) -> OpenAPISchema:
        """With what every operation has in common."""
        schema = super().get_openapi_schema(
            path_prefix=path_prefix, path_params=path_params
        )
        openapi.complete(schema, self.dialect)
        return schema

    def validation_error_from_error_contexts(
        self, error_contexts: list[ValidationErrorContext[Any]]
    ) -> ValidationError:
        """All errors of one request."""
        return ValidationError(
            [
                shaped(context, error)
                for context in error_contexts
                for error in context.pydantic_validation_error.errors(include_url=False)
            ]
        )


def shaped(context: ValidationErrorContext[Any], error: ErrorDetails) -> dict[str, Any]:
    """One error object."""
    loc = location(context, error["loc"])
    shape: dict[str, Any] = {
        "type": error["type"],
        "loc": loc,
        "msg": error["msg"],
        "input": None if is_lacking(context, error, loc) else plain(error["input"]),
    }
    if "ctx" in error:
        shape["ctx"] = {
            key: {} if isinstance(value, Exception) else value
            for key, value in error["ctx"].items()
        }
    return shape


def is_lacking(
    context: ValidationErrorContext[Any], error: ErrorDetails, loc: list[int | str]
) -> bool:
    """Whether a parameter or the body itself is missing; a field is so from an object."""
    of_object = context.model.__ninja_param_source__ == "body" and len(loc) > 1
    return error["type"] == "missing" and not of_object


def location(
    context: ValidationErrorContext[Any], loc: tuple[int | str, ...]
) -> list[int | str]:
    """FastAPI names the body's fields, not the argument that holds them."""
    source = str(context.model.__ninja_param_source__)
    if getattr(context.model, "__read_from_single_attr__", None):
        loc = loc[1:]
    flat = context.model.__ninja_flatten_map_reverse__.get(loc, loc)
    return [PARAMETERS_OF_BODY.get(source, source), *flat]


def plain(value: Any) -> Any:
    """What was sent, where JSON can say it."""
    if isinstance(value, DjangoGetter):
        value = value._obj
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return str(value)
    return clean(value)


def json_invalid(error: json.JSONDecodeError) -> dict[str, Any]:
    """The error object of a body that is no JSON, or not an object."""
    if isinstance(error, NotAnObject):
        kind = MISSING if error.found is None else NO_OBJECT
        return {**kind, "loc": ["body"], "input": error.found}
    return {
        "type": "json_invalid",
        "loc": ["body", error.pos],
        "msg": "JSON decode error",
        "input": {},
        "ctx": {"error": error.msg},
    }
