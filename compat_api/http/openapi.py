"""Parts of the OpenAPI schema that all operations have in common."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from compat_api.auth import authentication
from compat_api.auth.authentication import QUERY_PARAMETER
from compat_api.auth.callers import WORKSPACE_HEADER

Schema = dict[str, Any]
WORKSPACE = {
    "in": "header",
    "name": WORKSPACE_HEADER,
    "required": False,
    "description": "The workspace; the server's default if omitted.",
    "schema": {"type": "string"},
}
SECURITY_SCHEMES = {
    "X-API-Key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "Bearer": {"type": "http", "scheme": "bearer"},
    "Query": {"type": "apiKey", "in": "query", "name": QUERY_PARAMETER},
}
ERRORS = {
    400: "The request cannot be fulfilled; `detail` has the reason",
    401: "The token is invalid or has expired",
    403: "An API key is required, or the role is insufficient",
    404: "There is no such workspace, entity or relation",
    409: "The request conflicts with existing data",
    413: "The body is too large",
    429: "A rate limit of the server or of the model's provider is exceeded",
    500: "Unexpected error; the server's log has details under the error_id",
    502: "The model's provider failed; `detail` has the reason",
    503: "The database cannot be reached, or no model is configured",
    504: "The model's provider timed out",
}
ERROR_SCHEMAS: Schema = {
    "ErrorDetail": {
        "type": "object",
        "required": ["detail"],
        "properties": {"detail": {"type": "string"}},
    },
    "ValidationError": {
        "type": "object",
        "required": ["type", "loc", "msg"],
        "properties": {
            "type": {"type": "string"},
            "loc": {
                "type": "array",
                "items": {"anyOf": [{"type": "string"}, {"type": "integer"}]},
            },
            "msg": {"type": "string"},
            "input": {},
            "ctx": {"type": "object"},
        },
    },
    "HTTPValidationError": {
        "type": "object",
        "required": ["detail"],
        "properties": {
            "detail": {
                "anyOf": [
                    {"type": "string"},
                    {
                        "type": "array",
                        "items": {"$ref": "#/components/schemas/ValidationError"},
                    },
                ]
            }
        },
    },
}


OPENAI_SCHEMAS: Schema = {
    "Error": {
        "type": "object",
        "required": ["error"],
        "properties": {
            "error": {
                "type": "object",
                "required": ["message", "type", "param", "code"],
                "properties": {
                    "message": {"type": "string"},
                    "type": {"type": "string"},
                    "param": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                    "code": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                },
            }
        },
    }
}
OLLAMA_SCHEMAS: Schema = {
    "Error": {
        "type": "object",
        "required": ["error", "detail"],
        "properties": {"error": {"type": "string"}, "detail": {"type": "string"}},
    }
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """Error schemas of an API: for refusals, and for invalid requests."""

    schemas: Schema
    refusal: str = "Error"
    invalid: str = "Error"


LIGHTRAG = Dialect(ERROR_SCHEMAS, "ErrorDetail", "HTTPValidationError")
OPENAI = Dialect(OPENAI_SCHEMAS)
OLLAMA = Dialect(OLLAMA_SCHEMAS)


def complete(schema: Schema, dialect: Dialect) -> None:
    """Add the workspace header, the security schemes and the errors."""
    components = schema["components"]
    components.setdefault("schemas", {}).update(dialect.schemas)
    components["securitySchemes"] = SECURITY_SCHEMES
    for path, methods in schema["paths"].items():
        for operation in methods.values():
            complete_security(path, operation)
            complete_errors(operation["responses"], dialect)


def include(schema: Schema, other: Schema, prefix: str) -> None:
    """Add another API's paths and, with a prefix to their names, its schemas."""
    text = json.dumps(other, default=str)
    text = text.replace("#/components/schemas/", f"#/components/schemas/{prefix}")
    renamed = json.loads(text)
    schema["paths"] |= renamed["paths"]
    schema["components"]["schemas"] |= {
        prefix + name: value for name, value in renamed["components"]["schemas"].items()
    }


def complete_security(path: str, operation: Schema) -> None:
    """Add the workspace header and the security schemes, unless the operation is public.

    A path in WHITELIST_PATHS needs no credentials, but with them may return more.
    """
    if "security" in operation:
        schemes: list[Schema] = [{name: []} for name in SECURITY_SCHEMES]
        operation["security"] = schemes + [{}] * authentication.is_whitelisted(path)
        operation.setdefault("parameters", []).append(WORKSPACE)


def complete_errors(responses: dict[Any, Any], dialect: Dialect) -> None:
    """Add the errors that any operation may return, unless it declares its own."""
    for status, meaning in ERRORS.items():
        responses.setdefault(status, error(meaning, dialect.refusal))
    responses.setdefault(422, error("The request is invalid", dialect.invalid))


def error(meaning: str, name: str) -> Schema:
    """Return one response object."""
    content = {"schema": {"$ref": f"#/components/schemas/{name}"}}
    return {"description": meaning, "content": {"application/json": content}}
