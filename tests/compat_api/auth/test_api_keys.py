"""Named API keys: access, expiry, storage, and the command."""

from __future__ import annotations

import hashlib
import io
from datetime import timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from compat_api.auth import api_keys, passwords
from compat_api.auth.api_keys import NewKey
from compat_api.models import ApiKey, Role
from documents.models import Workspace
from documents.workspaces import lookup
from graph.models import AuditEntry
from tests.compat_api.conftest import Api

COUNTS = "/documents/status_counts"


@pytest.fixture
def other(workspace: Workspace) -> Workspace:
    return lookup.ensure("other")


def with_key(api: Api, text: str, workspace: str = "") -> Api:
    api.headers = {"X-API-Key": text}
    if workspace:
        api.headers["LIGHTRAG-WORKSPACE"] = workspace
    return api


def test_only_hash_and_prefix_are_stored(db: None) -> None:
    key, text = api_keys.create(NewKey("bot", Role.READ))
    assert text.startswith("lr-")
    assert len(text) > 40
    row = ApiKey.objects.values().get(pk=key.pk)
    assert row["digest"] == hashlib.sha256(text.encode()).hexdigest()
    assert row["prefix"] == text[:9]
    assert text not in str(row)


def test_key_gives_access_to_its_workspaces_only(
    api: Api, workspace: Workspace, other: Workspace
) -> None:
    _, text = api_keys.create(NewKey("bot", Role.READ, [other]))
    assert with_key(api, text, "other").get(COUNTS).status_code == 200
    refused = with_key(api, text, workspace.name).get(COUNTS)
    assert refused.status_code == 403
    assert refused.json() == {"detail": "'bot' may not use the workspace 'tests'."}


def test_key_cannot_discover_other_workspaces(api: Api, other: Workspace) -> None:
    _, text = api_keys.create(NewKey("bot", Role.READ, [other]))
    answer = with_key(api, text, "nowhere").get(COUNTS)
    assert answer.status_code == 403
    assert answer.json() == {"detail": "'bot' may not use the workspace 'nowhere'."}


def test_only_workspace_of_a_key_is_its_default(api: Api, other: Workspace) -> None:
    _, text = api_keys.create(NewKey("bot", Role.WRITE, [other]))
    body = {"text": "Something.", "file_source": "a.txt"}
    assert with_key(api, text).post("/documents/text", body).status_code == 200
    assert other.documents.count() == 1


def test_key_with_several_workspaces_must_name_one(api: Api, other: Workspace) -> None:
    third = lookup.ensure("third")
    _, text = api_keys.create(NewKey("bot", Role.READ, [other, third]))
    assert with_key(api, text).get(COUNTS).status_code == 403
    assert with_key(api, text, "third").get(COUNTS).status_code == 200


def test_key_of_a_deleted_workspace_has_no_access(api: Api, other: Workspace) -> None:
    _, text = api_keys.create(NewKey("bot", Role.READ, [other]))
    other.delete()
    assert with_key(api, text).get(COUNTS).status_code == 403


def test_expired_key_is_invalid(api: Api, db: None) -> None:
    soon = timezone.now() + timedelta(hours=1)
    key, text = api_keys.create(NewKey("bot", Role.READ, expires_at=soon))
    assert with_key(api, text).get(COUNTS).status_code == 200
    ApiKey.objects.update(expires_at=timezone.now())
    assert with_key(api, text).get(COUNTS).json() == {"detail": "Invalid API Key"}
    key.refresh_from_db()
    assert key.state == "expired"


def test_last_use_is_written_once_per_minute(
    db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    key, text = api_keys.create(NewKey("bot", Role.READ))
    with django_assert_num_queries(2):
        api_keys.find(text)
    with django_assert_num_queries(1):
        api_keys.find(text)
    key.refresh_from_db()
    assert key.last_used_at


def test_text_without_the_key_prefix_causes_no_query(
    db: None, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(0):
        assert api_keys.find("") is None
        assert api_keys.find("sk-whatever") is None


def test_key_name_is_unique_even_after_revocation(db: None) -> None:
    api_keys.create(NewKey("bot", Role.READ))
    api_keys.revoke("bot")
    with pytest.raises(api_keys.KeyNameTaken):
        api_keys.create(NewKey("bot", Role.READ))
    with pytest.raises(api_keys.UnknownKey):
        api_keys.revoke("bot")


def test_creation_and_revocation_are_audited(db: None, other: Workspace) -> None:
    api_keys.create(NewKey("bot", Role.WRITE, [other]))
    api_keys.revoke("bot")
    revoked, created = AuditEntry.objects.order_by("-pk")[:2]
    assert (created.action, created.target) == ("key.make", "bot")
    assert created.details == {"role": "write", "workspaces": ["other"]}
    assert (revoked.action, revoked.target) == ("key.revoke", "bot")


def test_changes_are_attributed_to_the_key(api: Api, workspace: Workspace) -> None:
    _, text = api_keys.create(NewKey("bot", Role.WRITE))
    body = {"text": "Something.", "file_source": "a.txt"}
    with_key(api, text).post("/documents/text", body)
    row = AuditEntry.objects.latest("pk")
    assert (row.actor_kind, row.actor, row.action) == ("key", "bot", "document.add")
    assert (row.workspace, row.target) == ("tests", "a.txt")


def output_of(*arguments: str, **options: Any) -> str:
    out = io.StringIO()
    call_command(*arguments, stdout=out, stderr=io.StringIO(), **options)
    return out.getvalue()


def test_command_creates_lists_and_revokes(api: Api, other: Workspace) -> None:
    text = output_of(
        "api_key", "create", "bot", "--role=write", "--workspace=other"
    ).strip()
    assert with_key(api, text).get(COUNTS).status_code == 200
    assert output_of("api_key", "list").split("\t")[:5] == [
        "bot",
        f"{text[:9]}…",
        "write",
        "other",
        "active",
    ]
    output_of("api_key", "revoke", "bot")
    assert with_key(api, text).get(COUNTS).status_code == 403
    with pytest.raises(CommandError, match="no active API key named 'bot'"):
        output_of("api_key", "revoke", "bot")
    with pytest.raises(CommandError, match="Workspace not found: nowhere"):
        output_of("api_key", "create", "other-bot", "--workspace=nowhere")


def test_hash_password_prints_a_value_for_auth_accounts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("secret\n"))
    name, _, hashed = (
        output_of("hash_password", "--username=ada").strip().partition(":")
    )
    assert name == "ada"
    assert passwords.matches("secret", hashed)


@pytest.mark.parametrize(("typed", "words"), [("\n", "empty"), ("x" * 73, "72 bytes")])
def test_invalid_password_is_refused(
    monkeypatch: pytest.MonkeyPatch, typed: str, words: str
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    with pytest.raises(CommandError, match=words):
        output_of("hash_password")
