"""Texts that could be read as SQL, Cypher or formats, in every text of every route.

They cause no error, change nothing, and reveal no row of another workspace.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from django.conf import settings as site
from django.db import connection
from django.test import Client, override_settings
from drf_spectacular.generators import SchemaGenerator
from pytest_django import DjangoDbBlocker

from compat_api.lightrag.api import lightrag
from compat_api.ollama.api import ollama
from compat_api.openai.api import openai
from documents.models import Workspace
from graph.models import Entity
from tests.compat_api import serving
from tests.compat_api.conftest import Api
from tests.compat_api.test_isolation import BODIES, QUERIES, SECRET, TEXT
from tests.models import FakeModels

HOSTILE = (
    "' OR '1'='1' --",
    "\\'); DELETE FROM graph_entity; SELECT pg_sleep(9); --",
    "$$ $cypher$ }) DETACH DELETE n //",
    "%s %(workspace)s %% {0} {workspace} {{}} ../../../etc/passwd \u202e 😀",
)
FORBIDDEN = ("secret.txt", "Livingstone", "travelled", "root:")
"""Texts of another workspace and of the host that no response may contain."""
GENERATOR: Any = SchemaGenerator
APIS: dict[str, Any] = {
    "lightrag": lightrag.get_openapi_schema(path_prefix=""),
    "openai": openai.get_openapi_schema(path_prefix=""),
    "ollama": ollama.get_openapi_schema(path_prefix=""),
    "resources": GENERATOR().get_schema(request=None, public=True),
}
OPERATIONS = [
    (method, path, operation, document)
    for document in APIS.values()
    for path, methods in document["paths"].items()
    for method, operation in methods.items()
]
DEPTH = 6


def filled(schema: Any, document: Any, text: str, depth: int = 0) -> Any:
    """Return a value of this schema with `text` in every string."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        schema = document["components"]["schemas"][name]
    options = [o for o in schema.get("anyOf", schema.get("oneOf", [])) if o]
    if options:
        return filled(options[0], document, text, depth)
    if "enum" in schema or "const" in schema:
        return schema.get("const", schema.get("enum", [None])[0])
    kind = schema.get("type", "string")
    if kind == "object" and depth < DEPTH:
        return {
            name: filled(part, document, text, depth + 1)
            for name, part in schema.get("properties", {}).items()
        }
    if kind == "array":
        return [filled(schema.get("items", {}), document, text, depth + 1)]
    plain = {"integer": 1, "number": 1.0, "boolean": False, "object": {}}
    return plain.get(kind, text)


def body_of(operation: Any, document: Any, text: str) -> Any:
    content = operation.get("requestBody", {}).get("content", {})
    schema = content.get("application/json", {}).get("schema")
    return filled(schema, document, text) if schema else None


def parameters(operation: Any, location: str, text: str) -> dict[str, str]:
    return {
        parameter["name"]: "1"
        if parameter["schema"].get("type") in ("integer", "number")
        else text
        for parameter in operation.get("parameters", [])
        if parameter["in"] == location
    }


def attempts(method: str, path: str, operation: Any, document: Any) -> Iterator[Any]:
    """Return requests of this operation, by its schema and by the isolation test."""
    for text in HOSTILE:
        values = parameters(operation, "path", text) | {"workspace": "tests"}
        address = path
        for name, value in values.items():
            address = address.replace(f"{{{name}}}", quote(value, safe=""))
        name = f"{method.upper()} {path}"
        query = parameters(operation, "query", text)
        query |= dict.fromkeys(QUERIES.get(name, {}), text)
        yield address, query, body_of(operation, document, text)
        if BODIES.get(name):
            body_text = json.dumps(BODIES[name]).replace(SECRET, json.dumps(text)[1:-1])
            yield address, query, json.loads(body_text)


@pytest.fixture(scope="module")
def theirs(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[Workspace]:
    """Create another workspace with a secret document, once for all tests."""
    configured = override_settings(LIGHTRAG=FakeModels().configure(site.LIGHTRAG))
    with django_db_blocker.unblock(), configured:
        other = Workspace.objects.create(
            name="theirs", embedding_model="fake:hash", embedding_dimensions=64
        )
        serving.add(other, {"secret.txt": TEXT})
        connection.close()
    yield other
    with django_db_blocker.unblock():
        other.delete()
        connection.close()


def rows() -> list[Any]:
    theirs = Entity.objects.filter(workspace__name="theirs").order_by("pk")
    return list(theirs.values_list("name", "description"))


@pytest.mark.filterwarnings("ignore:StreamingHttpResponse must consume:Warning")
@pytest.mark.parametrize(
    ("method", "path", "operation", "document"),
    OPERATIONS,
    ids=[f"{method.upper()} {path}" for method, path, _, _ in OPERATIONS],
)
def test_hostile_text_is_treated_as_text(
    theirs: Workspace, api: Api, method: str, path: str, operation: Any, document: Any
) -> None:
    before = rows()
    client = Client(raise_request_exception=True)
    for address, query, body in attempts(method, path, operation, document):
        data = "" if body is None else json.dumps(body)
        answer: Any = client.generic(
            method.upper(),
            address,
            data,
            content_type="application/json",
            query_params=query,
        )
        assert answer.status_code < 500 or answer.status_code in (501, 503), address
        text = "" if answer.streaming else answer.content.decode(errors="replace")
        assert not [word for word in FORBIDDEN if word in text and word not in data]
    assert rows() == before
