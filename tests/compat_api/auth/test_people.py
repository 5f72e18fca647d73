"""Default groups, and the logins of the pages and the admin."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from compat_api.auth import accounts, groups
from compat_api.models import Role
from graph.models import AuditEntry

LOCKED = "Too many failed login attempts. Please try again later."
LOGINS = ("/webui/login/", "/admin/login/")
pytestmark = pytest.mark.usefixtures("no_redis")


def send(path: str, password: str) -> tuple[int, str, str]:
    answer = Client().post(path, {"username": "ada", "password": password})
    return answer.status_code, answer.content.decode(), answer.get("Retry-After", "")


@pytest.mark.parametrize("path", LOGINS)
def test_correct_password_logs_in(ada: User, path: str) -> None:
    assert send(path, "secret")[0] == 302
    assert AuditEntry.objects.latest("pk").action == "login"


@pytest.mark.parametrize("path", LOGINS)
def test_lockout_is_shown_after_too_many_failures(ada: User, path: str) -> None:
    for _ in range(5):
        status, page, _ = send(path, "wrong")
        assert status == 200
        assert LOCKED not in page
    status, page, wait = send(path, "secret")
    assert (status, LOCKED in page) == (429, True)
    assert 200 <= int(wait) <= 300
    latest = AuditEntry.objects.latest("pk")
    assert (latest.action, latest.target) == ("login.locked", "ada")


def test_failures_on_the_pages_count_for_the_admin(ada: User) -> None:
    for _ in range(5):
        send("/webui/login/", "wrong")
    assert send("/admin/login/", "secret")[0] == 429


def test_admin_admits_only_staff(db: None, no_redis: None) -> None:
    User.objects.create_user("ada", password="secret")
    status, page, _ = send("/admin/login/", "secret")
    assert status == 200
    assert "staff account" in page


@pytest.mark.parametrize(
    ("name", "right"),
    [
        ("Readers", Role.READ),
        ("Editors", Role.WRITE),
        ("Administrators", Role.ADMIN),
    ],
)
def test_group_has_the_permissions_of_its_role(
    db: None, name: str, right: Role
) -> None:
    groups.create_defaults()
    user = User.objects.create_user("bob")
    user.groups.add(Group.objects.get(name=name))
    assert accounts.role_of(user) is right
    sees_the_trail = user.has_perm("graph.view_auditentry")
    assert sees_the_trail is (right is Role.ADMIN)


def test_default_groups_are_not_added_to_existing_ones(db: None) -> None:
    Group.objects.create(name="ours")
    groups.create_defaults()
    assert [group.name for group in Group.objects.all()] == ["ours"]
