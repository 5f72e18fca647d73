"""Updates of the documents on a page of the admin."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from documents.models import Status, Workspace
from graph.models import ChunkExtraction
from tests.library import make_chunks, make_documents

LIVE = "admin:documents_document_live"


def test_progress_counts_stored_extractions(
    workspace: Workspace, admin_client: Client
) -> None:
    document = make_documents(workspace, 1, Status.PROCESSING)[0]
    first, _ = make_chunks(document, ["one", "two"])
    ChunkExtraction.objects.create(chunk=first, records={}, model="fake")
    text = admin_client.get(reverse(LIVE), {"ids": document.pk}).content.decode()
    assert 'value="50"' in text
    assert "1 / 2" in text


def test_a_page_polls_only_while_a_document_is_unfinished(
    workspace: Workspace,
    admin_client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    busy = make_documents(workspace, 1, Status.PROCESSING)[0]
    done = make_documents(workspace, 1)[0]
    with django_assert_max_num_queries(3):
        both = admin_client.get(reverse(LIVE), {"ids": f"{busy.pk},{done.pk},x"})
    assert f'hx-get="{reverse(LIVE)}?ids={busy.pk}"' in both.content.decode()
    assert f"document-{done.pk}-status" in both.content.decode()
    last = admin_client.get(reverse(LIVE), {"ids": done.pk})
    assert last["HX-Refresh"] == "true"


def test_updates_require_the_permission_to_view_documents(
    workspace: Workspace, client: Client, django_user_model: type
) -> None:
    document = make_documents(workspace, 1)[0]
    user = django_user_model.objects.create_user("guest", is_staff=True)  # type: ignore[attr-defined]
    client.force_login(user)
    assert client.get(reverse(LIVE), {"ids": document.pk}).status_code == 403
