"""LightRAG's OpenAPI documents, reduced to what clients rely on.

`1.4.4.json` and `1.5.7.json` are `operations()` of the two schemas, `answers-1.4.4.json`
and `answers-1.5.7.json` their `answers()`.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Schema = dict[str, Any]
BOUNDS = (
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "enum",
    "const",
    "default",
)


def load(version: str) -> dict[str, Schema]:
    """Return the operations of one version of LightRAG, by `METHOD /path`."""
    path = Path(__file__).parent / f"{version}.json"
    loaded: dict[str, Schema] = json.loads(path.read_text())
    return loaded


def load_answers(version: str) -> dict[str, Schema]:
    """Return the JSON Schema of each operation's response 200, by `METHOD /path`."""
    path = Path(__file__).parent / f"answers-{version}.json"
    loaded: dict[str, Schema] = json.loads(path.read_text())
    return loaded


SCHEMA_KEYS = (
    *("type", "required", "enum", "const", "format", "pattern"),
    *("minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems"),
)


def answers(openapi: Schema) -> dict[str, Schema]:
    """Return the response schema of each operation, with resolved references."""
    schemas = {}
    for path, methods in openapi["paths"].items():
        for method, operation in methods.items():
            content = operation["responses"].get("200", {}).get("content", {})
            schema = content.get("application/json", {}).get("schema", {})
            schemas[f"{method.upper()} {path}"] = pruned(openapi, schema)
    return schemas


def pruned(openapi: Schema, schema: Any) -> Any:
    """Return a schema without descriptions, with resolved references."""
    if not isinstance(schema, dict):
        return schema
    schema = resolved(openapi, schema)
    result: Schema = {
        keyword: schema[keyword] for keyword in SCHEMA_KEYS if keyword in schema
    }
    for keyword in ("items", "additionalProperties"):
        if keyword in schema:
            result[keyword] = pruned(openapi, schema[keyword])
    for keyword in ("anyOf", "oneOf", "allOf"):
        if keyword in schema:
            result[keyword] = [pruned(openapi, part) for part in schema[keyword]]
    if "properties" in schema:
        fields = schema["properties"].items()
        result["properties"] = {name: pruned(openapi, part) for name, part in fields}
    return result


def operations(openapi: Schema) -> dict[str, Schema]:
    """Return the parameters, body fields and response fields of every operation."""
    return {
        f"{method.upper()} {path}": {
            "parameters": {
                f"{parameter['in']} {parameter['name']}": field(
                    openapi, parameter["schema"], parameter.get("required", False)
                )
                for parameter in operation.get("parameters", [])
            },
            "body": body(openapi, operation),
            "answer": sorted(answer(openapi, operation)),
        }
        for path, methods in openapi["paths"].items()
        for method, operation in methods.items()
    }


def resolved(openapi: Schema, schema: Schema) -> Schema:
    """Resolve a reference, and unwrap a schema with one part."""
    if len(schema.get("allOf", [])) == 1:
        return resolved(openapi, schema["allOf"][0])
    if "$ref" not in schema:
        return schema
    name = schema["$ref"].rpartition("/")[2]
    return resolved(openapi, openapi["components"]["schemas"][name])


def field(openapi: Schema, schema: Schema, required: bool) -> Schema:
    """Return the types and bounds of a value; null is a type."""
    options = [resolved(openapi, option) for option in schema.get("anyOf", [schema])]
    result: Schema = {
        "types": sorted({option.get("type", "any") for option in options})
    }
    for option in [schema, *options]:
        result |= {bound: option[bound] for bound in BOUNDS if bound in option}
    if required:
        result["required"] = True
    return result


def body(openapi: Schema, operation: Schema) -> dict[str, Schema]:
    """Return the fields of the request body."""
    content = operation.get("requestBody", {}).get("content", {})
    fields: dict[str, Schema] = {}
    for media in content.values():
        for option in options(openapi, media["schema"]):
            needed = option.get("required", [])
            for name, schema in option.get("properties", {}).items():
                fields[name] = field(openapi, schema, name in needed)
    return fields


def options(openapi: Schema, schema: Schema) -> list[Schema]:
    """Return the schemas that a value may have."""
    schema = resolved(openapi, schema)
    return [resolved(openapi, option) for option in schema.get("anyOf", [schema])]


def answer(openapi: Schema, operation: Schema) -> set[str]:
    """Return the fields of the response 200."""
    responses = {
        str(code): response for code, response in operation["responses"].items()
    }
    content = responses.get("200", {}).get("content", {})
    return {
        name
        for media in content.values()
        for option in options(openapi, media.get("schema", {}))
        for name in option.get("properties", {})
    }
