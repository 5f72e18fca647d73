"""Pages of the list of documents: contents, order and number of queries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from documents.models import Document, Status, Workspace
from documents.queries import listing
from documents.queries.listing import PageRequest


@pytest.fixture
def documents(workspace: Workspace) -> list[Document]:
    """Create a.txt to e.txt, each a minute newer; c.txt has failed."""
    rows = Document.objects.bulk_create(
        Document(
            workspace=workspace,
            public_id=f"doc-{letter}",
            name=f"{letter}.txt",
            status=Status.FAILED if letter == "c" else Status.PROCESSED,
            track_id="one" if letter < "c" else "two",
        )
        for letter in "abcde"
    )
    for minutes, row in enumerate(rows):
        moment = timezone.now() - timedelta(minutes=10 - minutes)
        Document.objects.filter(pk=row.pk).update(updated_at=moment, created_at=moment)
    return rows


def names(page: listing.Page) -> list[str]:
    return [document.name[0] for document in page.documents]


def test_all_statuses_are_counted_with_one_query(
    workspace: Workspace,
    documents: list[Document],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(1):
        counts = listing.status_counts(workspace)
    assert counts == dict.fromkeys(Status.values, 0) | {
        "processed": 4,
        "failed": 1,
        "all": 5,
    }


def test_a_page_takes_two_queries(
    workspace: Workspace,
    documents: list[Document],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(2):
        page = listing.page(workspace, PageRequest())
        assert [vars(row)["error_msg"] for row in page.documents] == [""] * 5


def test_the_newest_documents_come_first(
    workspace: Workspace, documents: list[Document]
) -> None:
    page = listing.page(workspace, PageRequest(size=2))
    assert (names(page), page.total) == (["e", "d"], 5)
    assert names(listing.page(workspace, PageRequest(size=2, number=3))) == ["a"]


@pytest.mark.parametrize("sort", ["created_at", "updated_at", "id", "file_path"])
def test_every_sort_field_can_be_ascending_or_descending(
    workspace: Workspace, documents: list[Document], sort: listing.SortField
) -> None:
    ascending = listing.page(workspace, PageRequest(sort=sort, descending=False))
    descending = listing.page(workspace, PageRequest(sort=sort))
    assert names(ascending) == list("abcde")
    assert names(descending) == list("edcba")


def test_the_total_counts_the_filtered_documents(
    workspace: Workspace, documents: list[Document]
) -> None:
    page = listing.page(workspace, PageRequest(statuses=(Status.FAILED,)))
    assert (names(page), page.total) == (["c"], 1)
    both = PageRequest(statuses=(Status.FAILED, Status.PROCESSED))
    assert listing.page(workspace, both).total == 5


def test_a_page_past_the_end_is_not_queried(
    workspace: Workspace,
    documents: list[Document],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(1):
        page = listing.page(workspace, PageRequest(number=10**30))
    assert (page.documents, page.total) == ([], 5)


def test_documents_of_one_request_are_found_by_track_id(
    workspace: Workspace, documents: list[Document]
) -> None:
    assert [row.name for row in listing.by_track_id(workspace, "one")] == [
        "a.txt",
        "b.txt",
    ]


def test_the_newest_of_each_status_take_one_query(
    workspace: Workspace,
    documents: list[Document],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(1):
        newest = listing.newest_by_status(workspace)
    assert {
        status: [row.name[0] for row in rows] for status, rows in newest.items()
    } == {
        "processed": ["e", "d", "b", "a"],
        "failed": ["c"],
    }


def test_documents_of_another_workspace_are_never_listed(
    workspace: Workspace, documents: list[Document]
) -> None:
    other = Workspace.objects.create(
        name="other", embedding_model="fake:hash", embedding_dimensions=64
    )
    assert listing.page(other, PageRequest()).total == 0
    assert listing.by_track_id(other, "one") == []
    assert listing.newest_by_status(other) == {}
