"""Authentication by API key and path."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from compat_api.auth import authentication, callers
from compat_api.models import Role
from tests.compat_api.conftest import Api, Configure

COUNTS = "/documents/status_counts"


def test_server_without_configuration_is_open(api: Api) -> None:
    assert api.get(COUNTS).status_code == 200
    api.headers = {"Authorization": "Bearer sk-whatever"}
    assert api.get(COUNTS).status_code == 200


@pytest.mark.parametrize(
    "headers", [{"X-API-Key": "key123"}, {"Authorization": "Bearer key123"}]
)
def test_key_is_accepted_in_either_header(
    api: Api, configure: Configure, headers: dict[str, str]
) -> None:
    configure(api_key="key123")
    api.headers = headers
    assert api.get(COUNTS).status_code == 200


def test_key_is_accepted_as_a_query_parameter(api: Api, configure: Configure) -> None:
    configure(api_key="key123")
    assert api.get(COUNTS, api_key_header_value="key123").status_code == 200
    assert api.get(COUNTS, api_key_header_value="bad").status_code == 403


@pytest.mark.parametrize(
    ("path", "is_open"),
    [
        ("/health", True),
        ("/healthy", False),
        ("/api/tags", True),
        ("/api", True),
        ("/apis", False),
        ("/query", False),
    ],
)
def test_whitelist_entry_with_a_star_is_a_prefix(
    path: str, is_open: bool, configure: Configure
) -> None:
    configure(whitelist_paths=("/health", "/api/*"))
    assert authentication.is_whitelisted(path) is is_open


def test_whitelisted_path_admits_an_untrusted_caller(
    configure: Configure,
) -> None:
    configure(api_key="key123", whitelist_paths=("/health",))
    assert (
        authentication.admit(RequestFactory().get("/health"), Role.READ)
        == callers.ANYONE
    )


def test_openapi_schema_has_all_security_schemes(api: Api) -> None:
    schema: dict[str, Any] = api.get("/openapi.json").json()
    assert set(schema["components"]["securitySchemes"]) == {
        "X-API-Key",
        "Bearer",
        "Query",
    }
    operation = schema["paths"]["/query"]["post"]
    assert operation["security"] == [{"X-API-Key": []}, {"Bearer": []}, {"Query": []}]
    assert "security" not in schema["paths"]["/auth-status"]["get"]


def test_openapi_schema_has_workspace_header_and_errors(
    api: Api,
) -> None:
    operation = api.get("/openapi.json").json()["paths"]["/query"]["post"]
    assert operation["parameters"][0]["name"] == "LIGHTRAG-WORKSPACE"
    assert {"200", "400", "403", "422", "502"} <= set(operation["responses"])
