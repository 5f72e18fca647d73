"""Tests of the counts of failed logins and invalid credentials, and of ended logins."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.test import Client, RequestFactory
from django.urls import reverse
from pytest_django.fixtures import Settings

from compat_api.auth import api_keys, callers, lockout, passwords
from compat_api.auth.api_keys import NewKey
from compat_api.auth.lockout import LockedOut
from compat_api.models import Role
from documents.models import Workspace
from tests.compat_api.auth.conftest import Login
from tests.compat_api.conftest import Configure

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("api")]
ROUTE = "/documents/status_counts"
WRONG_KEYS = 5 * lockout.BROADER


@pytest.fixture(autouse=True)
def nothing_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_verified", "_counted"):
        monkeypatch.setattr(lockout, name, lockout.RecentCredentials())


def attempts(network: str, *names: str) -> int:
    """Return the number of attempts before the lockout."""
    for count, name in enumerate(names):
        try:
            lockout.count_attempt(network, name)
        except LockedOut:
            return count
    return len(names)


def test_many_names_from_one_network_are_locked_out(redis: str) -> None:
    names = [f"name{number}" for number in range(60)]
    assert attempts("192.0.2.1", *names) == 20
    assert attempts("192.0.2.2", *names[:1]) == 1


def test_one_name_from_many_networks_is_locked_out(redis: str) -> None:
    counts = [attempts(f"192.0.2.{number}", "Ada ") for number in range(60)]
    assert sum(counts) == 20
    assert attempts("192.0.2.200", "ada") == 0
    assert attempts("192.0.2.200", "bob") == 1


def test_a_successful_login_is_not_a_failure_of_its_network(redis: str) -> None:
    for number in range(60):
        lockout.count_attempt("192.0.2.1", f"name{number}")
        lockout.reset("192.0.2.1", f"name{number}")


def test_names_of_any_length_need_the_same_memory(redis: str) -> None:
    assert attempts("192.0.2.1", *["x" * 900_000] * 9) == 5


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("garbage", ""),
        ("", ""),
    ],
)
def test_attempts_are_counted_for_an_ipv6_network(address: str, network: str) -> None:
    request = RequestFactory(REMOTE_ADDR=address).get("/")
    assert callers.network_of(request) == network


def status(key: str, **more: Any) -> int:
    return int(Client().get(ROUTE, headers={"X-API-Key": key}, **more).status_code)


def test_guessed_keys_are_refused_before_they_are_looked_up(
    redis: str, configure: Configure
) -> None:
    configure(api_key="right-key")
    assert status("right-key") == 200
    statuses = [status(f"wrong{number}") for number in range(30)]
    assert statuses == [403] * WRONG_KEYS + [429] * (30 - WRONG_KEYS)
    assert status("right-key") == 200, "A client that was there before continues."
    assert status("wrong", REMOTE_ADDR="192.0.2.9") == 403


def test_a_valid_key_does_not_end_a_lockout(redis: str, configure: Configure) -> None:
    configure(api_key="another-key")
    for number in range(WRONG_KEYS):
        status(f"wrong{number}")
    assert status("another-key") == 429


def test_a_repeated_wrong_key_counts_once(redis: str, configure: Configure) -> None:
    configure(api_key="the-fourth-key")
    assert [status("the same wrong key") for _number in range(40)] == [403] * 40
    assert status("the-fourth-key") == 200


def test_valid_keys_are_not_counted(redis: str, configure: Configure) -> None:
    configure(api_key="the-third-key")
    for _number in range(30):
        assert status("the-third-key") == 200


def test_pages_count_towards_the_requests_per_minute(
    redis: str, configure_access: Configure
) -> None:
    configure_access(require_login=True, requests_per_minute=5)
    client = Client()
    client.force_login(User.objects.create_superuser("ada"))
    statuses = [
        client.get(reverse("webui:documents")).status_code for _number in range(7)
    ]
    assert statuses.count(429) == 2
    statuses = [client.get("/admin/").status_code for _number in range(2)]
    assert statuses == [429, 429]


def test_a_logout_ends_the_token(accounts: None, login: Login) -> None:
    first, second = (login("ada", "secret").json()["access_token"] for _ in range(2))
    bearer = {"Authorization": f"Bearer {first}"}
    assert Client(headers=bearer).get(ROUTE).status_code == 200
    assert Client(headers=bearer).post("/logout").status_code == 200
    assert Client(headers=bearer).get(ROUTE).status_code == 401
    other = {"Authorization": f"Bearer {second}"}
    assert Client(headers=other).get(ROUTE).status_code == 200


def test_an_administrator_ends_all_logins_of_a_name(
    accounts: None, login: Login, settings: Settings
) -> None:
    ada = User.objects.create_superuser("ada")
    browser = Client()
    browser.force_login(ada)
    token = login("ada", "secret").json()["access_token"]
    call_command("end_logins", "ada", verbosity=0)
    bearer = {"Authorization": f"Bearer {token}"}
    assert Client(headers=bearer).get(ROUTE).status_code == 401
    assert browser.get("/admin/").status_code == 302
    again = {"Authorization": f"Bearer {login('ada', 'secret').json()['access_token']}"}
    assert Client(headers=again).get(ROUTE).status_code == 200


@pytest.mark.parametrize("field", ["username", "password"])
def test_long_fields_of_the_login_are_refused(
    accounts: None, login: Login, field: str
) -> None:
    form = {"username": "ada", "password": "secret", field: "x" * 2000}
    assert login(**form).status_code == 422


def test_a_password_that_only_begins_like_the_right_one_is_wrong() -> None:
    stored = passwords.hashed("x" * 72)
    assert passwords.matches("x" * 72, stored)
    assert not passwords.matches("x" * 73, stored)


def test_metrics_are_for_keys_of_all_workspaces(workspace: Workspace) -> None:
    _, bound = api_keys.create(NewKey("bound", Role.ADMIN, workspaces=[workspace]))
    _, unbound = api_keys.create(NewKey("unbound", Role.READ))
    statuses = [
        Client().get("/metrics", headers={"X-API-Key": key}).status_code
        for key in (bound, unbound)
    ]
    assert statuses == [403, 200]


def test_health_hides_which_workspaces_exist_without_credentials(
    workspace: Workspace, configure: Configure
) -> None:
    configure(api_key="the-key")
    answers = [
        Client().get("/health", headers={"LIGHTRAG-WORKSPACE": name})
        for name in (workspace.name, "no-such-workspace")
    ]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json() == answers[1].json()
