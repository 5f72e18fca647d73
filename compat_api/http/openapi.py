"""What every operation of the API has in common, added to its OpenAPI schema."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from compat_api.auth.authentication import QUERY_PARAMETER
from compat_api.auth.workspace_access import HEADER

Schema = dict[str, Any]
WORKSPACE = {
    "in": "header",
    "name": HEADER,
    "required": False,
    "description": "The workspace it is about; the server's own where it is left out.",
    "schema": {"type": "string"},
}
SECURITY_SCHEMES = {
    "X-API-Key": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
    "Bearer": {"type": "http", "scheme": "bearer"},
    "Query": {"type": "apiKey", "in": "query", "name": QUERY_PARAMETER},
}
ERRORS = {
    400: "The request cannot be fulfilled, for the reason given",
    401: "The token is invalid or has expired",
    403: "A key is needed",
    404: "There is no such workspace, entity or relation",
    409: "It conflicts with what is there already",
    413: "The body is too large",
    429: "The model's provider allows no more requests for now",
    500: "An unforeseen error; the server's log has more by its error_id",
    502: "The model's provider failed, for the reason given",
    503: "The database cannot be reached, or no model is configured",
    504: "The model's provider did not answer in time",
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
    """How an API tells its errors: the schemas, and which of them for what."""

    schemas: Schema
    refusal: str = "Error"
    invalid: str = "Error"


LIGHTRAG = Dialect(ERROR_SCHEMAS, "ErrorDetail", "HTTPValidationError")
OPENAI = Dialect(OPENAI_SCHEMAS)
OLLAMA = Dialect(OLLAMA_SCHEMAS)
OPEN_TO_ALL = {"/health"}
"""By WHITELIST_PATHS, unless it is set otherwise; with a key they tell more."""


def complete(schema: Schema, dialect: Dialect) -> None:
    """Add the workspace's header, the ways to authenticate, and the errors."""
    components = schema["components"]
    components.setdefault("schemas", {}).update(dialect.schemas)
    components["securitySchemes"] = SECURITY_SCHEMES
    for path, methods in schema["paths"].items():
        for operation in methods.values():
            complete_security(path, operation)
            complete_errors(operation["responses"], dialect)


def complete_security(path: str, operation: Schema) -> None:
    """What asks nobody who they are has no workspace either."""
    if "security" in operation:
        ways: list[Schema] = [{name: []} for name in SECURITY_SCHEMES]
        operation["security"] = ways + [{}] * (path in OPEN_TO_ALL)
        operation.setdefault("parameters", []).append(WORKSPACE)


def complete_errors(responses: dict[Any, Any], dialect: Dialect) -> None:
    """Those that any operation may answer, but for what it says of itself."""
    for status, meaning in ERRORS.items():
        responses.setdefault(status, error(meaning, dialect.refusal))
    responses.setdefault(422, error("It is not of the asked shape", dialect.invalid))


def error(meaning: str, name: str) -> Schema:
    """One response."""
    content = {"schema": {"$ref": f"#/components/schemas/{name}"}}
    return {"description": meaning, "content": {"application/json": content}}
