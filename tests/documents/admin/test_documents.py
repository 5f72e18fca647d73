"""The list of documents in the admin, and the other lists of the app."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from documents.models import PipelineEvent, Status, Workspace
from tests.library import Library, make_chunks, make_documents

LIST = "admin:documents_document_changelist"


def test_a_full_list_of_documents_takes_few_queries(
    workspace: Workspace,
    admin_client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    make_documents(workspace, 60)
    for document in make_documents(workspace, 60, Status.PROCESSING):
        make_chunks(document, ["one", "two"])
    with django_assert_max_num_queries(8):
        response = admin_client.get(reverse(LIST))
    assert len(response.context["cl"].result_list) == 50


@pytest.mark.parametrize("model", ["chunk", "pipelineevent", "workspace"])
def test_other_lists_take_few_queries(
    library: Library,
    admin_client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    model: str,
) -> None:
    make_chunks(make_documents(library.workspace, 1, Status.FAILED)[0], ["x"] * 60)
    PipelineEvent.objects.bulk_create(
        PipelineEvent(
            workspace=library.workspace, document=library.document, message=f"Line {n}"
        )
        for n in range(110)
    )
    with django_assert_max_num_queries(6):
        response = admin_client.get(reverse(f"admin:documents_{model}_changelist"))
    assert response.status_code == 200


def test_documents_are_counted_and_filtered_by_status(
    workspace: Workspace, admin_client: Client
) -> None:
    make_documents(workspace, 3)
    make_documents(workspace, 1, Status.FAILED)
    response = admin_client.get(reverse(LIST), {"status__exact": "failed"})
    strip = {item.value: item.count for item in response.context["status_strip"]}
    assert strip == {"": 4, "processed": 3, "failed": 1}
    assert [d.status for d in response.context["cl"].result_list] == ["failed"]
