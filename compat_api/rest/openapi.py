"""What every operation of the resource API can answer, added to its OpenAPI schema."""

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
    "description": "Errors by the name of what was sent, or one `detail`.",
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
"""What the forms of the browsable pages send for a filter that is not used."""
REFUSALS = (400, 401, 403, 404, 406, 413, 429, 500, 503)
WRITING = (409, 415)
MEANINGS = ERRORS | {
    406: "No such form of the answer",
    415: "A type of file or body that is not read",
}


class Described(AutoSchema):
    """drf-spectacular's schema of a view, with the ways to authenticate at this site."""

    def get_auth(self) -> list[dict[str, list[str]]]:
        """Any of them."""
        return [{name: []} for name in SECURITY_SCHEMES]


def complete(result: Schema, **_: Any) -> Schema:
    """A postprocessing hook of drf-spectacular."""
    components = result.setdefault("components", {})
    components.setdefault("schemas", {}).update(Error=DETAIL, Invalid=INVALID)
    components["securitySchemes"] = SECURITY_SCHEMES
    for methods in result["paths"].values():
        for method, operation in methods.items():
            complete_operation(method, operation)
    return result


def takes_blank(schema: Schema) -> bool:
    """Whether nothing at all is of this schema already, or never sent for it."""
    is_text = schema.get("type") == "string" and not {"enum", "format"} & set(schema)
    return is_text or schema.get("type") == "array"


def complete_operation(method: str, operation: Schema) -> None:
    """Add what may be left blank, and what it may be refused by."""
    for parameter in operation.get("parameters", []):
        if parameter["in"] == "query" and not takes_blank(parameter["schema"]):
            parameter["schema"] = {"anyOf": [parameter["schema"], BLANK]}
    for status in REFUSALS + (WRITING if method != "get" else ()):
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
