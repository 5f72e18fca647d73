"""Validation errors in FastAPI's form: 422 with pydantic's own error objects."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ninja.errors import ValidationErrorContext
from ninja.schema import DjangoGetter
from pydantic_core import ErrorDetails

from compat_api.http.clean_input import NotAnObject, clean

MISSING = {"type": "missing", "msg": "Field required"}
NO_OBJECT = {
    "type": "model_attributes_type",
    "msg": "Input should be a valid dictionary or object to extract fields from",
}
BODY_SOURCES = ("form", "file")
"""Sources of parameters that FastAPI reports as `body`."""


def all_of(contexts: Iterable[ValidationErrorContext[Any]]) -> list[dict[str, Any]]:
    """Return the error objects of one request."""
    return [
        error_object(context, error)
        for context in contexts
        for error in context.pydantic_validation_error.errors(include_url=False)
    ]


def error_object(
    context: ValidationErrorContext[Any], error: ErrorDetails
) -> dict[str, Any]:
    """Return one error object; `loc` begins with body, query or path."""
    loc = location(context, error["loc"])
    omits_input = is_missing_parameter(context, error, loc)
    result: dict[str, Any] = {
        "type": error["type"],
        "loc": loc,
        "msg": error["msg"],
        "input": None if omits_input else json_value(error["input"]),
    }
    if "ctx" in error:
        result["ctx"] = {
            key: {} if isinstance(value, Exception) else value
            for key, value in error["ctx"].items()
        }
    return result


def is_missing_parameter(
    context: ValidationErrorContext[Any], error: ErrorDetails, loc: list[int | str]
) -> bool:
    """Return whether a parameter or the whole body is missing, not a field of the body."""
    is_field = source_of(context) == "body" and len(loc) > 1
    return error["type"] == "missing" and not is_field


def location(
    context: ValidationErrorContext[Any], loc: tuple[int | str, ...]
) -> list[int | str]:
    """Return the path of the field; FastAPI leaves out the argument that holds the body."""
    source = source_of(context)
    if getattr(context.model, "__read_from_single_attr__", None):
        loc = loc[1:]
    flat = context.model.__ninja_flatten_map_reverse__.get(loc, loc)
    return ["body" if source in BODY_SOURCES else source, *flat]


def source_of(context: ValidationErrorContext[Any]) -> str:
    """Return where the model's parameters come from: body, query, path, form or file."""
    return str(context.model.__ninja_param_source__)


def json_value(value: Any) -> Any:
    """Return the input as it was sent, or its string if JSON cannot represent it."""
    if isinstance(value, DjangoGetter):
        value = value._obj
    try:
        json.dumps(value, allow_nan=False)
    except (TypeError, ValueError):
        return str(value)
    return clean(value)


def json_invalid(error: json.JSONDecodeError) -> dict[str, Any]:
    """Return the error object of a body that is not JSON, or not an object."""
    if isinstance(error, NotAnObject):
        kind = MISSING if error.value is None else NO_OBJECT
        return {**kind, "loc": ["body"], "input": error.value}
    return {
        "type": "json_invalid",
        "loc": ["body", error.pos],
        "msg": "JSON decode error",
        "input": {},
        "ctx": {"error": error.msg},
    }
