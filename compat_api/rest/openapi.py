"""Parts of the OpenAPI schema that all operations of the resource API have in common."""

from __future__ import annotations

from typing import Any

from drf_spectacular.openapi import AutoSchema

from compat_api.http.openapi import ERRORS, SECURITY_SCHEMES

Schema = dict[str, Any]
DETAIL: Schema = {
    "type": "object",
    "required": ["detail"],
    "properties": {"detail": {"type": "string"}},
}
INVALID: Schema = {
    "description": "Errors by field, or one `detail`.",
    "type": "object",
    "additionalProperties": {
        "anyOf": [
            {"type": "string"},
            {"type": "array", "items": {"type": "string"}},
            {"type": "object", "additionalProperties": True},
        ]
    },
}
BLANK: Schema = {"type": "string", "maxLength": 0}
"""Value that the forms of the browsable pages send for an unused filter."""
ERROR_STATUSES = (400, 401, 403, 404, 406, 413, 429, 500, 503)
WRITE_STATUSES = (409, 415)
MEANINGS = ERRORS | {
    406: "The requested response format is not available",
    415: "The type of the file or body is not supported",
}


class ResourceSchema(AutoSchema):
    """drf-spectacular's schema of a view, with this site's security schemes."""

    def get_auth(self) -> list[dict[str, list[str]]]:
        """Return the security schemes, any of which is sufficient."""
        return [{name: []} for name in SECURITY_SCHEMES]


def complete(result: Schema, **_: Any) -> Schema:
    """Add the common parts to the schema (postprocessing hook of drf-spectacular)."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {}).update(Error=DETAIL, Invalid=INVALID)
    components["securitySchemes"] = SECURITY_SCHEMES
    for methods in result["paths"].values():
        for method, operation in methods.items():
            complete_operation(method, operation)
    return result


def accepts_blank(schema: Schema) -> bool:
    """Return whether an empty string is valid for this schema, or never sent for it."""
    is_text = schema.get("type") == "string" and not {"enum", "format"} & set(schema)
    return is_text or schema.get("type") == "array"


def complete_operation(method: str, operation: Schema) -> None:
    """Allow blank query parameters, and add the error responses."""
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "query" and not accepts_blank(parameter["schema"]):
            parameter["schema"] = {"anyOf": [parameter["schema"], BLANK]}
    for status in ERROR_STATUSES + (WRITE_STATUSES if method != "get" else ()):
        name = "Invalid" if status == 400 else "Error"
        operation["responses"].setdefault(
            str(status),
            {
                "description": MEANINGS[status],
                "content": {
                    "application/json": {
                        "schema": {"$ref": f"#/components/schemas/{name}"}
                    }
                },
            },
        )
