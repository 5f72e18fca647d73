"""`check --deploy`, cookies, frames, other sites' scripts and forms."""

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
from lightrag_site.configuration.config import LightRAGConfig
from tests.live_server import untouched

ROOT = Path(__file__).resolve().parents[2]
ELSEWHERE = "https://elsewhere.example"


def checked(folder: Path, **variables: str) -> str:
    """What the command says of warnings."""
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
    done = subprocess.run(
        [*command, "--fail-level", "WARNING"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


def test_nothing_is_to_be_said_of_a_server_with_a_key_and_tls(tmp_path: Path) -> None:
    said = checked(tmp_path, LIGHTRAG_API_KEY="key123")
    assert "no issues (2 silenced)" in said


def test_an_open_server_and_a_short_secret_are_told(tmp_path: Path) -> None:
    said = checked(tmp_path, TOKEN_SECRET="short")
    assert "compat_api.W001" in said
    assert "compat_api.W002" in said


def test_each_way_to_close_it_is_one(settings: Settings) -> None:
    config = LightRAGConfig()
    closed = (
        replace(config, server=replace(config.server, api_key="key123")),
        replace(config, access=replace(config.access, require_login=True)),
    )
    for settings.LIGHTRAG in closed:
        assert deployment_checks.check(None) == []


@pytest.fixture
def ada(db: None) -> User:
    return User.objects.create_superuser("ada", password="secret")


@pytest.mark.parametrize(
    "path", ["/webui/", "/webui/login/", "/admin/login/", "/docs", "/health"]
)
def test_no_page_can_be_framed(db: None, path: str) -> None:
    answer = Client().get(path)
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Referrer-Policy"] == "same-origin"


def test_cookies_keep_to_this_site_and_with_tls_to_it(
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
def test_another_site_s_form_changes_nothing(
    ada: User, path: str, form: dict[str, str]
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(ada)
    answer = client.post(path, form, headers={"Origin": ELSEWHERE})
    assert answer.status_code == 403
