"""Creation, renaming and deletion of workspaces in the admin."""

from __future__ import annotations

from pathlib import Path

from django.test import Client
from django.urls import reverse

from documents.models import Workspace
from documents.workspaces import lookup
from tests.library import Library


def test_a_new_workspace_uses_the_configured_embedding_model(
    db: None, admin_client: Client
) -> None:
    admin_client.post(reverse("admin:documents_workspace_add"), {"name": "my books"})
    workspace = Workspace.objects.get(name="my_books")
    assert workspace.embedding_dimensions > 0


def test_a_workspace_is_renamed_and_deleted(
    admin_client: Client, workspace: Workspace, folder: Path
) -> None:
    inputs = folder.parent
    change = reverse("admin:documents_workspace_change", args=[workspace.pk])
    admin_client.post(change, {"name": "my books"})
    workspace.refresh_from_db()
    assert workspace.name == "my_books"
    assert (inputs / "my_books").is_dir()
    delete = reverse("admin:documents_workspace_delete", args=[workspace.pk])
    admin_client.post(delete, {"post": "yes"})
    assert not Workspace.objects.filter(pk=workspace.pk).exists()
    assert not (inputs / "my_books").exists()


def test_the_default_workspace_cannot_be_deleted(
    admin_client: Client, db: None
) -> None:
    default = lookup.ensure("")
    delete = reverse("admin:documents_workspace_delete", args=[default.pk])
    several = {
        "action": "delete_selected",
        "_selected_action": default.pk,
        "post": "yes",
    }
    for url, form in (
        (delete, {"post": "yes"}),
        (reverse("admin:documents_workspace_changelist"), several),
    ):
        answer = admin_client.post(url, form, follow=True)
        assert "neither renamed nor deleted" in answer.content.decode()
    assert Workspace.objects.filter(pk=default.pk).exists()


def test_deleting_a_workspace_lists_its_contents(
    library: Library, admin_client: Client
) -> None:
    url = reverse("admin:documents_workspace_delete", args=[library.workspace.pk])
    text = admin_client.get(url).content.decode()
    assert "Documents: 1" in text
    assert "Entities: 3" in text
    admin_client.post(url, {"post": "yes"})
    assert not Workspace.objects.exists()
