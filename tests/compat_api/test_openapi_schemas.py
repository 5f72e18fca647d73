"""Our OpenAPI documents, verified by schemathesis with all its checks.

CI sends the same few requests each time. `SCHEMA_EXAMPLES=100` sends that many requests
to each operation, and tests all limits in its schema.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import schemathesis
from django.conf import settings as site
from django.test import override_settings
from drf_spectacular.generators import SchemaGenerator
from schemathesis import Case
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.schemas import OpenApiSchema

from compat_api.lightrag.api import lightrag
from compat_api.ollama.api import ollama
from compat_api.openai.api import openai
from tests.compat_api.serving import Served

KEY = "a key for all workspaces"
EXAMPLES = int(os.environ.get("SCHEMA_EXAMPLES", 0))
# Statuses for rules that a schema cannot express: names with only markup, unsupported
# file types, modes that need a question.
BEYOND_SCHEMAS = [400, 413, 415, 422, 501]
CONFIG: dict[str, Any] = {
    "parameters": {"workspace": "served", "LIGHTRAG-WORKSPACE": "served"},
    "generation": {"max-examples": EXAMPLES or 4, "deterministic": True},
    "phases": {
        "coverage": {"enabled": bool(EXAMPLES)},
        "stateful": {"enabled": False},
    },
    "checks": {
        "positive_data_acceptance": {
            "expected-statuses": ["2xx", 401, 403, 404, 409, 429, *BEYOND_SCHEMAS]
        },
        "negative_data_rejection": {
            "expected-statuses": [400, 401, 403, 404, 406, 409, 413, 415, 422]
        },
    },
}


def openapi_schema(document: Any) -> OpenApiSchema:
    """Return the schema of one API for schemathesis."""
    return schemathesis.openapi.from_dict(
        document, config=SchemathesisConfig.from_dict(CONFIG)
    )


LIGHTRAG = openapi_schema(lightrag.get_openapi_schema(path_prefix=""))
OPENAI = openapi_schema(openai.get_openapi_schema(path_prefix=""))
OLLAMA = openapi_schema(ollama.get_openapi_schema(path_prefix=""))
GENERATOR: Any = SchemaGenerator
RESOURCES = openapi_schema(GENERATOR().get_schema(request=None, public=True))

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def guarded(served_site: Served) -> Iterator[Served]:
    """Serve with an API key, so that requests without one are tested, too."""
    server = replace(site.LIGHTRAG.server, api_key=KEY)
    with override_settings(LIGHTRAG=replace(site.LIGHTRAG, server=server)):
        yield served_site


def validate(case: Case[Any], guarded: Served) -> None:
    """Send the request and validate the response with all checks."""
    case.call_and_validate(base_url=guarded.base_url, headers={"X-API-Key": KEY})


@LIGHTRAG.parametrize()
def test_lightrags_api_conforms_to_its_schema(case: Case[Any], guarded: Served) -> None:
    validate(case, guarded)


@OPENAI.parametrize()
def test_openais_api_conforms_to_its_schema(case: Case[Any], guarded: Served) -> None:
    validate(case, guarded)


@OLLAMA.parametrize()
def test_ollamas_api_conforms_to_its_schema(case: Case[Any], guarded: Served) -> None:
    validate(case, guarded)


@RESOURCES.parametrize()
def test_resource_api_conforms_to_its_schema(case: Case[Any], guarded: Served) -> None:
    validate(case, guarded)
