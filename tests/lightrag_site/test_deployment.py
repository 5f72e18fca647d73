"""`check --deploy`, cookies, frames, and forms of other sites."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django.fixtures import Settings

from compat_api.auth import deployment_checks
from lightrag_site.configuration.config_classes import LightRAGConfig
from tests.live_server import untouched

ROOT = Path(__file__).resolve().parents[2]
ELSEWHERE = "https://elsewhere.example"


def run_checks(folder: Path, **variables: str) -> str:
    """Return the output of `manage.py check --deploy`."""
    for name in ("cert.pem", "key.pem"):
        (folder / name).touch()
    environment = untouched() | {
        "PYTHONPATH": str(ROOT),
        "SSL": "true",
        "SSL_CERTFILE": str(folder / "cert.pem"),
        "SSL_KEYFILE": str(folder / "key.pem"),
        "SECRET_KEY": "".join(map(chr, range(40, 110))),
        **variables,
    }
    command = [sys.executable, str(ROOT / "manage.py"), "check", "--deploy"]
    completed = subprocess.run(
        [*command, "--fail-level", "WARNING"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return completed.stdout + completed.stderr


def test_a_server_with_a_key_and_tls_has_no_warnings(tmp_path: Path) -> None:
    output = run_checks(tmp_path, LIGHTRAG_API_KEY="key123")
    assert "System check identified no issues" in output


def test_an_open_server_and_a_short_secret_are_reported(tmp_path: Path) -> None:
    output = run_checks(tmp_path, TOKEN_SECRET="short")
    assert "compat_api.W001" in output
    assert "compat_api.W002" in output


def test_each_protection_removes_the_warning(settings: Settings) -> None:
    config = LightRAGConfig()
    protected = (
        replace(config, server=replace(config.server, api_key="key123")),
        replace(config, access=replace(config.access, require_login=True)),
    )
    for settings.LIGHTRAG in protected:
        assert deployment_checks.check(None) == []


@pytest.mark.parametrize(
    "path", ["/webui/", "/webui/login/", "/admin/login/", "/docs", "/health"]
)
def test_no_page_can_be_framed(db: None, path: str) -> None:
    response = Client().get(path)
    assert response["X-Frame-Options"] == "DENY"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Referrer-Policy"] == "same-origin"


def test_cookies_are_same_site_and_secure_with_tls(
    ada: User, settings: Settings
) -> None:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    client = Client()
    client.get("/webui/login/", secure=True)
    form = {"username": "ada", "password": "secret"}
    client.post("/webui/login/", form, secure=True)
    session, token = client.cookies["sessionid"], client.cookies["csrftoken"]
    assert session["httponly"]
    for cookie in (session, token):
        assert (cookie["secure"], cookie["samesite"]) == (True, "Lax")


@pytest.mark.parametrize(
    ("path", "form"),
    [
        ("/webui/login/", {"username": "ada", "password": "secret"}),
        ("/webui/logout/", {}),
        ("/webui/text", {}),
        ("/webui/delete", {}),
        ("/webui/graph/merge", {}),
        ("/webui/workspace", {"workspace": "default"}),
        ("/admin/login/", {"username": "ada", "password": "secret"}),
        ("/admin/documents/workspace/add/", {"name": "third"}),
        ("/admin/compat_api/apikey/add/", {"name": "bot"}),
    ],
)
def test_forms_of_other_sites_are_rejected(
    ada: User, path: str, form: dict[str, str]
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    response = client.post(path, form, headers={"Origin": ELSEWHERE})
    assert response.status_code == 403
