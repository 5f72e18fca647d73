"""`/login` and `/auth-status` as in LightRAG, and the lockout after failures."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from django.contrib.auth.models import Permission, User
from django.db.models import Q

from compat_api.auth import tokens
from graph.models import AuditEntry
from tests.compat_api.auth.conftest import SECRET, Login
from tests.compat_api.conftest import Api, Configure

COUNTS = "/documents/status_counts"
LOCKED = "Too many failed login attempts. Please try again later."
VERSIONS = {
    "core_version": "1.5.7",
    "api_version": "0344",
    "webui_title": None,
    "webui_description": None,
    "ai_content_notice_enabled": False,
}


def test_correct_password_returns_a_token(
    api: Api, accounts: None, login: Login
) -> None:
    answer = login("ada", "secret")
    assert answer.status_code == 200
    body = answer.json()
    api.headers["Authorization"] = f"Bearer {body.pop('access_token')}"
    assert body == {"token_type": "bearer", "auth_mode": "enabled", **VERSIONS}
    assert api.get(COUNTS).status_code == 200


@pytest.mark.parametrize("name", ["ada", "nobody"])
def test_wrong_password_is_refused_for_known_and_unknown_names(
    api: Api, accounts: None, login: Login, name: str
) -> None:
    answer = login(name, "wrong")
    assert answer.status_code == 401
    assert answer.json() == {"detail": "Incorrect credentials"}


def test_auth_status_with_accounts_contains_no_token(api: Api, accounts: None) -> None:
    assert api.get("/auth-status").json() == {
        "auth_configured": True,
        "auth_mode": "enabled",
        **VERSIONS,
    }


def test_server_with_only_a_key_issues_guest_tokens(
    api: Api, configure: Configure, login: Login
) -> None:
    configure(api_key="key123")
    status = api.get("/auth-status").json()
    assert (status["auth_configured"], status["auth_mode"]) == (False, "disabled")
    body = login("any", "body").json()
    assert body["message"] == "Authentication is disabled. Using guest access."
    assert tokens.read(body["access_token"]).is_guest


def test_address_is_locked_out_after_five_failures(
    api: Api, accounts: None, login: Login
) -> None:
    for _ in range(5):
        assert login("ada", "wrong").status_code == 401
    answer = login("ada", "secret")
    assert answer.status_code == 429
    assert answer.json() == {"detail": LOCKED}
    assert 200 <= int(answer["Retry-After"]) <= 300


def test_lockout_does_not_affect_another_name(
    api: Api, accounts: None, login: Login
) -> None:
    for _ in range(6):
        login("zed", "wrong")
    assert login("ada", "secret").status_code == 200


def test_successful_login_resets_the_failures(
    api: Api, accounts: None, login: Login
) -> None:
    for _ in range(3):
        for _ in range(4):
            login("ada", "wrong")
        assert login("ada", "secret").status_code == 200


def test_lockout_is_configurable_and_zero_disables_it(
    api: Api, accounts: None, login: Login, configure_access: Configure
) -> None:
    configure_access(login_attempts=1, login_window_seconds=60)
    login("ada", "wrong")
    assert int(login("ada", "secret")["Retry-After"]) <= 60
    configure_access(login_attempts=0)
    assert login("ada", "secret").status_code == 200


def test_logins_failures_and_the_first_lockout_are_audited(
    api: Api, accounts: None, login: Login, configure_access: Configure
) -> None:
    configure_access(login_attempts=2)
    before = set(AuditEntry.objects.values_list("pk", flat=True))
    login("ada", "secret")
    for _ in range(4):
        login("ada", "wrong")
    rows = AuditEntry.objects.exclude(pk__in=before).order_by("pk")
    assert [row.action for row in rows] == [
        "login",
        "login.failed",
        "login.failed",
        "login.locked",
    ]
    assert {(row.target, row.address) for row in rows} == {("ada", "127.0.0.1")}
    assert [row.actor for row in rows] == ["ada", "anyone", "anyone", "anyone"]


@pytest.fixture
def users(configure_access: Configure, no_redis: None, db: None) -> None:
    """Configure a server with REQUIRE_LOGIN and only Django's users."""
    configure_access(require_login=True, token_secret=SECRET)
    User.objects.create_superuser("root", password="secret")
    User.objects.create_user("reader", password="secret")


def grant(name: str, *apps: str, verbs: tuple[str, ...] = ("view",)) -> None:
    condition = Q()
    for verb in verbs:
        condition |= Q(codename__startswith=f"{verb}_")
    permissions = Permission.objects.filter(condition, content_type__app_label__in=apps)
    User.objects.get(username=name).user_permissions.add(*permissions)


def test_django_users_log_in_and_a_superuser_is_admin(
    api: Api, users: None, login: Login
) -> None:
    assert api.get(COUNTS).status_code == 401
    token = login("root", "secret").json()["access_token"]
    api.headers["Authorization"] = f"Bearer {token}"
    assert api.delete("/documents").status_code == 200


def test_role_of_a_user_follows_from_permissions(
    api: Api, users: None, login: Login
) -> None:
    token = login("reader", "secret").json()["access_token"]
    api.headers["Authorization"] = f"Bearer {token}"
    assert api.get(COUNTS).json() == {
        "detail": "This needs the role 'read'; 'reader' has the role 'none'."
    }
    grant("reader", "documents", "graph")
    assert api.get(COUNTS).status_code == 200
    text = {"text": "Something.", "file_source": "a.txt"}
    assert api.post("/documents/text", text).status_code == 403
    grant("reader", "documents", "graph", verbs=("add", "change", "delete"))
    assert api.post("/documents/text", text).status_code == 200


def test_token_of_a_user_becomes_invalid_with_password_or_user(
    api: Api, users: None, login: Login
) -> None:
    api.headers["Authorization"] = (
        f"Bearer {login('root', 'secret').json()['access_token']}"
    )
    root = User.objects.get(username="root")
    root.is_active = False
    root.save()
    assert api.get(COUNTS).status_code == 401
    root.is_active = True
    root.save()
    assert api.get(COUNTS).status_code == 200
    root.set_password("another")
    root.save()
    assert api.get(COUNTS).json() == {"detail": "Invalid token. Please login again."}


def test_token_of_a_user_is_not_valid_for_an_account(
    api: Api, users: None, login: Login, accounts: None
) -> None:
    User.objects.create_user("ada", password="hers")
    token = login("ada", "hers").json()["access_token"]
    api.headers["Authorization"] = f"Bearer {token}"
    assert api.get(COUNTS).status_code == 403


FAIL_TWICE = """
import sys
import django
django.setup()
from django.conf import settings
from compat_api.auth import lockout
from compat_api.auth.callers import TooMany
settings.REDIS_URL = sys.argv[1]
for _ in range(2):
    try:
        lockout.count_attempt("192.0.2.1", "eve")
        print("counted")
    except TooMany as error:
        print("must wait", error.retry_after > 200)
"""


def test_failures_in_two_processes_are_counted_together(redis: str) -> None:
    command = [sys.executable, "-W", "ignore", "-c", FAIL_TWICE, redis]
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    outputs = [
        subprocess.run(
            command, env=environment, capture_output=True, text=True, check=True
        ).stdout.splitlines()
        for _ in range(3)
    ]
    assert outputs == [["counted"] * 2, ["counted"] * 2, ["counted", "must wait True"]]
