"""Retrying, cancelling and deleting documents in the admin."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse

from documents.models import Chunk, Document, Status, Workspace
from graph.models import Entity
from tests.library import Library, make_documents

LIST = "admin:documents_document_changelist"
LIVE = "admin:documents_document_live"


def act(client: Client, action: str, *documents: Document, **values: str) -> str:
    keys = [document.pk for document in documents]
    data = {"action": action, "_selected_action": keys, **values}
    return client.post(reverse(LIST), data, follow=True).content.decode()


def test_failed_documents_are_retried(
    workspace: Workspace, admin_client: Client
) -> None:
    failed = make_documents(workspace, 2, Status.FAILED)
    page = act(admin_client, "retry_selected", *failed)
    assert "2 documents were queued again." in page
    assert set(Document.objects.values_list("status", flat=True)) == {Status.PENDING}
    assert "None of the selected documents has failed." in act(
        admin_client, "retry_selected", *failed
    )


def test_unfinished_documents_are_cancelled(
    workspace: Workspace, admin_client: Client
) -> None:
    busy = make_documents(workspace, 1, Status.PROCESSING)[0]
    assert "1 document was stopped." in act(admin_client, "cancel_selected", busy)
    busy.refresh_from_db()
    assert busy.status == Status.FAILED


def test_a_document_page_offers_actions_with_a_confirmation(
    workspace: Workspace, admin_client: Client
) -> None:
    failed = make_documents(workspace, 1, Status.FAILED)[0]
    page = reverse("admin:documents_document_change", args=[failed.pk])
    retry = reverse("admin:documents_document_retry_one", args=[failed.pk])
    text = admin_client.get(page).content.decode()
    assert retry in text
    assert "cancel_one" not in text
    assert "hx-get" not in text.split('id="document-poller"')[1].split(">")[0]
    assert "Retry this document?" in admin_client.get(retry).content.decode()
    assert Document.objects.get().status == Status.FAILED
    answer = admin_client.post(retry, {"_form_submitted": "on"})
    assert answer["HX-Redirect"] == page
    assert f"{reverse(LIVE)}?ids={failed.pk}" in admin_client.get(page).content.decode()
    assert Document.objects.get().status == Status.PENDING


def test_deleting_lists_the_chunks_and_deletes_unmentioned_entities(
    library: Library,
    admin_client: Client,
) -> None:
    confirmation = act(admin_client, "delete_selected", library.document)
    assert "Chunks: 2" in confirmation
    assert Document.objects.exists()
    act(admin_client, "delete_selected", library.document, post="yes")
    assert not Document.objects.exists()
    assert not Chunk.objects.exists()
    assert not Entity.objects.filter(name="Ada").exists()


def test_the_delete_page_deletes_unmentioned_entities(
    library: Library, admin_client: Client
) -> None:
    url = reverse("admin:documents_document_delete", args=[library.document.pk])
    admin_client.post(url, {"post": "yes"})
    assert not Document.objects.exists()
    assert not Entity.objects.filter(name="Ada").exists()
