"""Uploads in the admin."""

from __future__ import annotations

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from documents.models import Document, Workspace

UPLOAD = "admin:documents_document_add"


def upload(client: Client, workspace: Workspace, *files: SimpleUploadedFile) -> str:
    data = {"form": "files", "files-workspace": workspace.pk, "files-files": files}
    return client.post(reverse(UPLOAD), data, follow=True).content.decode()


def test_the_upload_returns_the_state_of_the_file_as_json(
    workspace: Workspace, admin_client: Client
) -> None:
    def send(name: str) -> dict[str, str]:
        file = SimpleUploadedFile(name, b"The Nile flows through Egypt.")
        data = {"form": "files", "files-workspace": workspace.pk, "files-files": file}
        headers = {"Accept": "application/json"}
        answer = admin_client.post(reverse(UPLOAD), data, headers=headers)
        (state,) = answer.json()["files"]
        return dict(state)

    first = send("nile.txt")
    document = Document.objects.get()
    assert first["url"] == reverse(
        "admin:documents_document_change", args=[document.pk]
    )
    assert first["state"] == "queued"
    assert send("nile.txt")["state"] == "already exists"
    assert "Unsupported" in send("nile.exe")["refusal"]


def test_several_files_are_uploaded_and_each_has_a_message(
    workspace: Workspace, admin_client: Client
) -> None:
    page = upload(
        admin_client,
        workspace,
        SimpleUploadedFile("notes.txt", b"Ada knew Babbage."),
        SimpleUploadedFile("筆記.md", "王小明".encode()),
        SimpleUploadedFile("virus.exe", b"MZ"),
        SimpleUploadedFile("empty.txt", b""),
    )
    assert sorted(Document.objects.values_list("name", flat=True)) == [
        "notes.txt",
        "筆記.md",
    ]
    assert "virus.exe: " in page
    assert "empty.txt: " in page
    assert page.count("is queued.") == 2


def test_an_existing_file_is_not_stored_twice(
    workspace: Workspace, admin_client: Client
) -> None:
    upload(admin_client, workspace, SimpleUploadedFile("a.txt", b"Ada."))
    page = upload(admin_client, workspace, SimpleUploadedFile("a.txt", b"Ada."))
    assert "already exists" in page
    assert Document.objects.count() == 1


def test_an_upload_without_a_file_shows_an_error(
    workspace: Workspace, admin_client: Client
) -> None:
    page = upload(admin_client, workspace)
    assert "This field is required." in page


def test_a_text_is_uploaded(workspace: Workspace, admin_client: Client) -> None:
    data = {
        "form": "text",
        "text-workspace": workspace.pk,
        "text-name": "memo",
        "text-text": "Ada knew Babbage.",
    }
    page = admin_client.post(reverse(UPLOAD), data, follow=True).content.decode()
    assert "is queued." in page
    assert Document.objects.get().workspace == workspace
