"""System operations: root, login, health, documentation."""

from __future__ import annotations

import json

import jwt
import pytest
from django.contrib.staticfiles import finders
from django.test import Client

from compat_api.auth import tokens
from tests.compat_api.conftest import Api, Configure


def test_root_redirects_to_the_pages(api: Api) -> None:
    answer = api.get("/")
    assert (answer.status_code, answer["Location"]) == (307, "/webui/")


def test_server_without_accounts_issues_a_guest_token(api: Api) -> None:
    status = api.get("/auth-status").json()
    token = status.pop("access_token")
    assert status == {
        "auth_configured": False,
        "token_type": "bearer",
        "auth_mode": "disabled",
        "message": "Authentication is disabled. Using guest access.",
        "core_version": "1.5.7",
        "api_version": "0344",
        "webui_title": None,
        "webui_description": None,
        "ai_content_notice_enabled": False,
    }
    payload = jwt.decode(token, tokens.signing_key(), algorithms=["HS256"])
    assert (payload["sub"], payload["role"]) == ("guest", "guest")


def test_login_on_an_open_server_returns_a_guest_token(api: Api) -> None:
    answer = Client().post("/login", {"username": "a", "password": "b"})
    assert answer.status_code == 200
    assert answer.json()["auth_mode"] == "disabled"
    assert tokens.read(answer.json()["access_token"]).role == "guest"


def test_blank_login_field_counts_as_missing(api: Api) -> None:
    answer = Client().post("/login", {"username": "ann", "password": ""})
    assert answer.status_code == 422
    [error] = answer.json()["detail"]
    assert (error["type"], error["loc"]) == ("missing", ["body", "password"])


def test_health_reports_a_scan(api: Api) -> None:
    assert api.get("/health").json()["pipeline_scanning"] is False
    api.post("/documents/scan")
    assert api.get("/health").json()["pipeline_scanning"] is True


def test_a_login_without_a_password_is_invalid(api: Api) -> None:
    answer = Client().post("/login", {"username": "a"})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "password"]


def test_health_without_credentials_reports_only_liveness(
    api: Api, configure: Configure
) -> None:
    configure(api_key="key123", webui_title="My KB", webui_description="Desc")
    assert api.get("/health").json() == {
        "status": "healthy",
        "auth_mode": "disabled",
        "core_version": "1.5.7",
        "api_version": "0344",
        "webui_available": True,
        "workspace_available": False,
        "api_docs_available": True,
        "webui_title": "My KB",
        "webui_description": "Desc",
        "ai_content_notice_enabled": False,
        "pipeline_busy": False,
        "pipeline_active": False,
    }


def test_health_with_a_key_reports_the_configuration(
    api: Api, configure: Configure
) -> None:
    configure(api_key="key123")
    api.headers = {"X-API-Key": "key123"}
    health = api.get("/health").json()
    configuration = health["configuration"]
    assert (configuration["llm_binding"], configuration["workspace"]) == (
        "fake",
        "tests",
    )
    assert configuration["max_graph_nodes"] == 1000
    assert set(configuration["role_llm_config"]) == {
        "extract",
        "keyword",
        "query",
        "vlm",
    }
    assert "key123" not in str(health)


@pytest.mark.parametrize("path", ["/docs", "/redoc"])
def test_docs_load_nothing_from_other_servers(api: Api, path: str) -> None:
    page = api.get(path)
    assert page.status_code == 200
    assert b"://" not in page.content
    assert b"/openapi.json" in page.content
    assert page["Content-Security-Policy"].startswith("default-src 'self';")


def test_docs_scripts_are_served_by_this_server() -> None:
    for script in ("swagger-ui-bundle.js", "swagger-ui.css", "redoc.standalone.js"):
        assert finders.find(f"ninja/{script}")


def test_docs_can_be_disabled(api: Api, configure: Configure) -> None:
    configure(api_docs=False)
    for path in ("/docs", "/redoc", "/openapi.json"):
        assert api.get(path).status_code == 404


def test_openapi_schema_has_no_duplicates(api: Api) -> None:
    def without_duplicates(pairs: list[tuple[str, object]]) -> dict[str, object]:
        assert len({key for key, _ in pairs}) == len(pairs)
        return dict(pairs)

    assert json.loads(
        api.get("/openapi.json").content, object_pairs_hook=without_duplicates
    )
