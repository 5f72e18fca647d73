"""What every operation of the API has in common, added to its OpenAPI schema."""

from __future__ import annotations

from typing import Any

from compat_api.auth import QUERY_PARAMETER
from compat_api.current import HEADER

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


def complete(schema: Schema) -> None:
    """Add the workspace's header, the ways to authenticate, and the errors."""
    components = schema["components"]
    components.setdefault("schemas", {}).update(ERROR_SCHEMAS)
    components["securitySchemes"] = SECURITY_SCHEMES
    for methods in schema["paths"].values():
        for operation in methods.values():
            complete_operation(operation)


def complete_operation(operation: Schema) -> None:
    """The same for one operation; what is open to all has no workspace either."""
    responses = operation["responses"]
    if "security" in operation:
        operation["security"] = [{name: []} for name in SECURITY_SCHEMES]
        operation.setdefault("parameters", []).append(WORKSPACE)
    for status, meaning in ERRORS.items():
        responses.setdefault(status, error(meaning, "ErrorDetail"))
    responses.setdefault(
        422, error("It is not of the asked shape", "HTTPValidationError")
    )


def error(meaning: str, name: str) -> Schema:
    """One response."""
    content = {"schema": {"$ref": f"#/components/schemas/{name}"}}
    return {"description": meaning, "content": {"application/json": content}}
