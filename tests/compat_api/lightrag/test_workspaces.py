"""`/workspaces`: list, create, rename and delete, with permissions."""

from __future__ import annotations

import pytest

from compat_api.auth import api_keys
from compat_api.auth.api_keys import NewKey
from compat_api.models import Role
from documents.models import Workspace
from documents.workspaces import lookup
from graph.models import AuditEntry
from tests.compat_api.conftest import Api


def test_list_contains_counts(api: Api) -> None:
    body = {"text": "Livingstone travelled.", "file_source": "a.txt"}
    api.post("/documents/text", body)
    (only,) = api.get("/workspaces").json()["workspaces"]
    assert only["created_at"]
    assert {key: value for key, value in only.items() if key != "created_at"} == {
        "name": "tests",
        "embedding_model": "fake:hash",
        "embedding_dimensions": 64,
        "documents": 1,
        "entities": 0,
        "relations": 0,
        "is_default": True,
    }


def test_workspace_is_created_used_renamed_and_deleted(api: Api) -> None:
    created = api.post("/workspaces", {"name": "my notes!"})
    assert (created.status_code, created.json()["name"]) == (201, "my_notes_")
    api.headers = {"LIGHTRAG-WORKSPACE": "my_notes_"}
    body = {"text": "Something.", "file_source": "a.txt"}
    assert api.post("/documents/text", body).status_code == 200
    renamed = api.patch("/workspaces/my_notes_", {"name": "ours"})
    assert (renamed.json()["name"], renamed.json()["documents"]) == ("ours", 1)
    assert api.get("/documents/status_counts").status_code == 404
    deleted = api.delete("/workspaces/ours").json()
    assert deleted == {"status": "success", "message": "Workspace 'ours' is deleted."}
    assert api.get("/workspaces/ours").status_code == 404


def test_changes_of_workspaces_are_audited(api: Api) -> None:
    api.post("/workspaces", {"name": "one"})
    api.patch("/workspaces/one", {"name": "two"})
    api.delete("/workspaces/two")
    rows = AuditEntry.objects.filter(action__startswith="workspace.").order_by("-pk")
    changes = [(row.action, row.target, row.workspace) for row in rows[:3]]
    assert changes == [
        ("workspace.delete", "two", "two"),
        ("workspace.rename", "two", "one"),
        ("workspace.create", "one", "one"),
    ]


@pytest.mark.parametrize("name", ["", "!!!", "x" * 65, None, 7])
def test_invalid_workspace_name_is_refused(api: Api, name: object) -> None:
    answer = api.post("/workspaces", {"name": name})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "name"]


def test_refused_change_states_the_reason(api: Api) -> None:
    lookup.ensure("other")
    duplicate = api.post("/workspaces", {"name": "other"})
    assert (duplicate.status_code, duplicate.json()["detail"]) == (
        409,
        "A workspace 'other' already exists.",
    )
    assert api.patch("/workspaces/other", {"name": "tests"}).status_code == 409
    deletion = api.delete("/workspaces/tests")
    assert deletion.status_code == 409
    assert "server's own workspace" in deletion.json()["detail"]
    assert api.delete("/workspaces/nowhere").status_code == 404


def test_key_with_workspaces_lists_only_these_and_creates_none(
    api: Api, workspace: Workspace
) -> None:
    other = lookup.ensure("other")
    _, text = api_keys.create(NewKey("bot", Role.ADMIN, [other]))
    api.headers = {"X-API-Key": text}
    assert [row["name"] for row in api.get("/workspaces").json()["workspaces"]] == [
        "other"
    ]
    assert api.get("/workspaces/tests").status_code == 403
    assert api.delete("/workspaces/tests").status_code == 403
    assert api.post("/workspaces", {"name": "third"}).status_code == 403
    assert api.patch("/workspaces/other", {"name": "mine"}).status_code == 200
    assert api.get("/documents/status_counts").status_code == 200
