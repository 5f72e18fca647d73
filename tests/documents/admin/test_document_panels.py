"""The page of a document in the admin."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from documents.models import Figure, PipelineEvent
from tests.documents import make_files
from tests.library import Library


def test_a_document_page_shows_chunks_and_timeline(
    library: Library,
    admin_client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    PipelineEvent.objects.create(
        workspace=library.workspace, document=library.document, message="Parsing it"
    )
    url = reverse("admin:documents_document_change", args=[library.document.pk])
    with django_assert_max_num_queries(9):
        text = admin_client.get(url).content.decode()
    assert "Ada knew Babbage." in text
    assert "Parsing it" in text


def test_a_document_page_shows_its_figures(
    library: Library,
    admin_client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    document = library.document
    Figure.objects.create(
        document=document,
        order=1,
        page=3,
        media_type="image/png",
        content=make_files.PNG,
        content_hash="0",
        width=1,
        height=1,
        caption="Figure 1: <Tea>",
    )
    url = reverse("admin:documents_document_change", args=[document.pk])
    with django_assert_max_num_queries(9):
        text = admin_client.get(url).content.decode()
    assert "Figure 1: &lt;Tea&gt;" in text
    image = f"/resources/workspaces/tests/documents/{document.public_id}/figures/1/"
    assert f'<img src="{image}"' in text
    assert admin_client.get(image).content == make_files.PNG
