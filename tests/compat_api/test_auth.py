"""Who may pass, by key, by token, by path."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jwt
import pytest
from django.test import RequestFactory

from compat_api import auth
from compat_api.access import callers, tokens
from tests.compat_api.conftest import Api

COUNTS = "/documents/status_counts"
Configure = Callable[..., None]


def test_everything_is_open_while_nothing_is_configured(api: Api) -> None:
    assert api.get(COUNTS).status_code == 200
    api.headers = {"Authorization": "Bearer sk-whatever"}
    assert api.get(COUNTS).status_code == 200


def test_without_the_key_nobody_passes(api: Api, configure: Configure) -> None:
    configure(api_key="key123")
    answer = api.get(COUNTS)
    assert answer.status_code == 403
    assert answer.json() == {"detail": "API Key required"}


def test_a_wrong_key_is_called_invalid(api: Api, configure: Configure) -> None:
    configure(api_key="key123")
    api.headers = {"X-API-Key": "bad"}
    answer = api.get(COUNTS)
    assert answer.status_code == 403
    assert answer.json() == {"detail": "Invalid API Key"}


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


def test_a_bearer_token_that_is_none_is_refused(api: Api, configure: Configure) -> None:
    configure(api_key="key123")
    api.headers = {"Authorization": "Bearer abc"}
    answer = api.get(COUNTS)
    assert answer.status_code == 401
    assert answer.json() == {"detail": "Invalid token"}


def test_a_guest_s_token_is_no_key(api: Api, configure: Configure) -> None:
    guest = api.get("/auth-status").json()["access_token"]
    configure(api_key="key123")
    api.headers = {"Authorization": f"Bearer {guest}"}
    assert api.get(COUNTS).json() == {"detail": "API Key required"}
    api.headers["X-API-Key"] = "key123"
    assert api.get(COUNTS).status_code == 200


def test_an_expired_token_is_called_expired(api: Api, configure: Configure) -> None:
    configure(api_key="key123", guest_token_hours=-1.0)
    api.headers = {"Authorization": f"Bearer {tokens.issue_guest()}"}
    answer = api.get(COUNTS)
    assert answer.status_code == 401
    assert answer.json() == {"detail": "Token expired"}


def test_a_token_without_a_signature_is_refused(api: Api, configure: Configure) -> None:
    configure(api_key="key123")
    forged = jwt.encode(
        {"sub": "a", "role": "user", "exp": 9**10}, "", algorithm="none"
    )
    api.headers = {"Authorization": f"Bearer {forged}"}
    assert api.get(COUNTS).json() == {"detail": "Invalid token"}


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
    assert auth.is_whitelisted(path) is is_open


def test_a_whitelisted_path_admits_anyone_but_trusts_nobody(
    configure: Configure,
) -> None:
    configure(api_key="key123", whitelist_paths=("/health",))
    assert auth.admit(RequestFactory().get("/health")) == callers.ANYONE


def test_verify_asks_for_credentials_though_its_path_is_open(
    api: Api, configure: Configure
) -> None:
    assert api.get("/auth/verify").json() == {"status": "ok"}
    configure(api_key="key123", whitelist_paths=("/auth/*",))
    assert api.get("/auth/verify").status_code == 403


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
