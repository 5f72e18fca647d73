"""API keys and the audit log in the admin."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import Permission, User
from django.test import Client
from django.urls import reverse

from compat_api.auth import api_keys
from compat_api.auth.api_keys import NewKey
from compat_api.models import ApiKey, Role
from documents.models import Workspace
from documents.workspaces import audit
from documents.workspaces.audit import Action
from graph.models import AuditEntry

KEYS = "admin:compat_api_apikey_changelist"
ADD = "admin:compat_api_apikey_add"
AUDIT_LOG = "admin:graph_auditentry_changelist"


def test_key_is_created_and_shown_once(
    admin_client: Client, workspace: Workspace
) -> None:
    form = {"name": "bot", "role": "2", "workspaces": [workspace.pk]}
    page = admin_client.post(reverse(ADD), form).content.decode()
    (text,) = re.findall(r'value="(lr-[^"]+)"', page)
    caller = api_keys.find(text)
    assert caller
    assert (caller.role, caller.workspaces) == (
        Role.WRITE,
        frozenset({workspace.pk}),
    )
    listed = admin_client.get(reverse(KEYS)).content.decode()
    assert text[:9] in listed
    assert text not in listed
    entry = AuditEntry.objects.filter(action="key.make").latest("pk")
    assert (entry.actor, entry.target) == ("admin", "bot")


def test_key_needs_a_workspace(admin_client: Client, db: None) -> None:
    page = admin_client.post(reverse(ADD), {"name": "bot", "role": "1"})
    assert "Choose workspaces, or all workspaces." in page.content.decode()
    assert not ApiKey.objects.exists()


def test_key_name_cannot_be_reused(admin_client: Client, db: None) -> None:
    api_keys.create(NewKey("bot", Role.READ))
    form = {"name": "bot", "role": "1", "all_workspaces": "on"}
    assert "already exists" in admin_client.post(reverse(ADD), form).content.decode()


def test_keys_are_revoked_from_the_list(admin_client: Client, db: None) -> None:
    key, text = api_keys.create(NewKey("bot", Role.READ))
    form = {"action": "revoke", "_selected_action": [key.pk]}
    answer = admin_client.post(reverse(KEYS), form, follow=True)
    assert "1 API key revoked." in answer.content.decode()
    assert api_keys.find(text) is None


def test_user_cannot_grant_a_higher_role(db: None) -> None:
    user = User.objects.create_user("clerk", is_staff=True)
    user.user_permissions.add(
        *Permission.objects.filter(
            codename__in=["add_apikey", "view_apikey", "view_document", "view_entity"]
        )
    )
    client = Client()
    client.force_login(user)
    form = {"name": "bot", "role": "3", "all_workspaces": "on"}
    page = client.post(reverse(ADD), form).content.decode()
    assert "You can&#x27;t grant a role you don&#x27;t have." in page
    client.post(reverse(ADD), form | {"role": "1"})
    assert ApiKey.objects.get().role == Role.READ


@pytest.mark.parametrize("method", ["change", "delete"])
def test_keys_and_audit_entries_cannot_be_changed_or_deleted(
    admin_client: Client, db: None, method: str
) -> None:
    key, _ = api_keys.create(NewKey("bot", Role.READ))
    entry = AuditEntry.objects.latest("pk")
    for name, pk in (("compat_api_apikey", key.pk), ("graph_auditentry", entry.pk)):
        url = reverse(f"admin:{name}_{method}", args=[pk])
        assert admin_client.post(url, {"post": "yes"}).status_code == 403


def test_audit_log_is_filtered_and_searched(
    admin_client: Client, workspace: Workspace
) -> None:
    audit.record(Action.ENTITY_EDIT, "Radium", workspace_id=workspace.pk, a="<b>")
    audit.record(Action.LOGIN, "ada")
    page = admin_client.get(reverse(AUDIT_LOG), {"action": "entity.edit"})
    assert "Radium" in page.content.decode()
    page_text = admin_client.get(reverse(AUDIT_LOG), {"q": "Radium"}).content.decode()
    assert "Radium" in page_text
    assert ">ada<" not in page_text
    entry = AuditEntry.objects.filter(target="Radium").latest("pk")
    change = reverse("admin:graph_auditentry_change", args=[entry.pk])
    details = admin_client.get(change).content.decode()
    assert "&lt;b&gt;" in details


def test_staff_without_permission_cannot_see_the_audit_log(db: None) -> None:
    client = Client()
    client.force_login(User.objects.create_user("clerk", is_staff=True))
    assert client.get(reverse(AUDIT_LOG)).status_code == 403
    assert client.get(reverse(KEYS)).status_code == 403
