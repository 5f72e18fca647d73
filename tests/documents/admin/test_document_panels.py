"""The page of a document in the admin."""

from __future__ import annotations

from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from documents.models import PipelineEvent
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
    with django_assert_max_num_queries(8):
        text = admin_client.get(url).content.decode()
    assert "Ada knew Babbage." in text
    assert "Parsing it" in text
