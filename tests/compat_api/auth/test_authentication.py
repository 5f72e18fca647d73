"""Who may pass, by key, by token, by path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import RequestFactory

from compat_api.auth import authentication, callers
from tests.compat_api.conftest import Api

COUNTS = "/documents/status_counts"
Configure = Callable[..., None]


def test_everything_is_open_while_nothing_is_configured(api: Api) -> None:
    assert api.get(COUNTS).status_code == 200
    api.headers = {"Authorization": "Bearer sk-whatever"}
    assert api.get(COUNTS).status_code == 200


@pytest.mark.parametrize(
    "headers", [{"X-API-Key": "key123"}, {"Authorization": "Bearer key123"}]
)
def test_the_key_opens_by_either_header(
    api: Api, configure: Configure, headers: dict[str, str]
) -> None:
    configure(api_key="key123")
    api.headers = headers
    assert api.get(COUNTS).status_code == 200


def test_the_key_opens_as_a_query_parameter(api: Api, configure: Configure) -> None:
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
def test_an_entry_that_ends_in_a_star_opens_what_lies_below(
    path: str, is_open: bool, configure: Configure
) -> None:
    configure(whitelist_paths=("/health", "/api/*"))
    assert authentication.is_whitelisted(path) is is_open


def test_a_whitelisted_path_admits_anyone_but_trusts_nobody(
    configure: Configure,
) -> None:
    configure(api_key="key123", whitelist_paths=("/health",))
    assert authentication.admit(RequestFactory().get("/health")) == callers.ANYONE


def test_the_openapi_schema_names_every_way_to_show_the_key(api: Api) -> None:
    schema: dict[str, Any] = api.get("/openapi.json").json()
    assert set(schema["components"]["securitySchemes"]) == {
        "X-API-Key",
        "Bearer",
        "Query",
    }
    operation = schema["paths"]["/query"]["post"]
    assert operation["security"] == [{"X-API-Key": []}, {"Bearer": []}, {"Query": []}]
    assert "security" not in schema["paths"]["/auth-status"]["get"]


def test_the_openapi_schema_names_the_workspace_s_header_and_the_errors(
    api: Api,
) -> None:
    operation = api.get("/openapi.json").json()["paths"]["/query"]["post"]
    assert operation["parameters"][0]["name"] == "LIGHTRAG-WORKSPACE"
    assert {"200", "400", "403", "422", "502"} <= set(operation["responses"])
