"""API keys and the audit trail in the admin."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from compat_api.auth import api_keys
from compat_api.auth.api_keys import Wanted
from compat_api.models import ApiKey, Role
from documents.models import Workspace
from documents.workspaces import audit
from documents.workspaces.audit import Action
from graph.models import AuditEntry

KEYS = "admin:compat_api_apikey_changelist"
ADD = "admin:compat_api_apikey_add"
TRAIL = "admin:graph_auditentry_changelist"


def test_a_key_is_made_and_shown_once(
    admin_client: Client, workspace: Workspace
) -> None:
    form = {"name": "bot", "right": "2", "workspaces": [workspace.pk]}
    page = admin_client.post(reverse(ADD), form).content.decode()
    (text,) = re.findall(r'value="(lr-[^"]+)"', page)
    caller = api_keys.find(text)
    assert caller
    assert (caller.right, caller.workspaces) == (
        Role.WRITE,
        frozenset({workspace.pk}),
    )
    listed = admin_client.get(reverse(KEYS)).content.decode()
    assert text[:9] in listed
    assert text not in listed
    made = AuditEntry.objects.filter(action="key.make").latest("pk")
    assert (made.actor, made.target) == ("admin", "bot")


def test_a_key_must_open_something(admin_client: Client, db: None) -> None:
    page = admin_client.post(reverse(ADD), {"name": "bot", "right": "1"})
    assert "Choose workspaces, or all of them." in page.content.decode()
    assert not ApiKey.objects.exists()


def test_a_name_that_was_used_is_refused(admin_client: Client, db: None) -> None:
    api_keys.make(Wanted("bot", Role.READ))
    form = {"name": "bot", "right": "1", "all_workspaces": "on"}
    assert "already exists" in admin_client.post(reverse(ADD), form).content.decode()


def test_keys_are_revoked_from_the_list(admin_client: Client, db: None) -> None:
    key, text = api_keys.make(Wanted("bot", Role.READ))
    form = {"action": "revoke", "_selected_action": [key.pk]}
    answer = admin_client.post(reverse(KEYS), form, follow=True)
    assert "1 key opens nothing any more." in answer.content.decode()
    assert api_keys.find(text) is None


def test_nobody_hands_out_more_than_he_has(db: None) -> None:
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.add(
        *Permission.objects.filter(
            codename__in=["add_apikey", "view_apikey", "view_document", "view_entity"]
        )
    )
    client = Client()
    client.force_login(user)
    form = {"name": "bot", "right": "3", "all_workspaces": "on"}
    page = client.post(reverse(ADD), form).content.decode()
    assert "You have not that right yourself." in page
    client.post(reverse(ADD), form | {"right": "1"})
    assert ApiKey.objects.get().right == Role.READ


@pytest.mark.parametrize("method", ["change", "delete"])
def test_keys_and_the_trail_are_neither_changed_nor_deleted(
    admin_client: Client, db: None, method: str
) -> None:
    key, _ = api_keys.make(Wanted("bot", Role.READ))
    entry = AuditEntry.objects.latest("pk")
    for name, pk in (("compat_api_apikey", key.pk), ("graph_auditentry", entry.pk)):
        url = reverse(f"admin:{name}_{method}", args=[pk])
        assert admin_client.post(url, {"post": "yes"}).status_code == 403


def test_the_trail_is_read_filtered_and_searched(
    admin_client: Client, workspace: Workspace
) -> None:
    audit.record(Action.ENTITY_EDIT, "Radium", workspace_id=workspace.pk, a="<b>")
    audit.record(Action.LOGIN, "ada")
    page = admin_client.get(reverse(TRAIL), {"action": "entity.edit"})
    assert "Radium" in page.content.decode()
    found = admin_client.get(reverse(TRAIL), {"q": "Radium"}).content.decode()
    assert "Radium" in found
    assert ">ada<" not in found
    entry = AuditEntry.objects.filter(target="Radium").latest("pk")
    change = reverse("admin:graph_auditentry_change", args=[entry.pk])
    told = admin_client.get(change).content.decode()
    assert "&lt;b&gt;" in told


def test_staff_without_the_permission_see_no_trail(db: None) -> None:
    client = Client()
    client.force_login(User.objects.create_user("clerk", is_staff=True))
    assert client.get(reverse(TRAIL)).status_code == 403
    assert client.get(reverse(KEYS)).status_code == 403
