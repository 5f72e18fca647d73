"""The figures of the admin's front page: documents over time, queue, and slow steps."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone, translation
from pytest_django import DjangoAssertNumQueries

from documents.models import Document, Status, Workspace
from documents.queries import progress
from graph.models import ChunkExtraction
from retrieval.admin import charts, figures, pipeline_figures, steps
from retrieval.llm.usage.models import LLMCall
from tests.library import make_chunks, make_documents


@pytest.fixture(autouse=True)
def english() -> Iterator[None]:
    """Whatever language the last request of another test spoke."""
    with translation.override("en"):
        yield


def moved(documents: list[Document], came: int, changed: int) -> None:
    """Give the documents a history, in days ago."""
    now = timezone.now()
    Document.objects.filter(pk__in=[d.pk for d in documents]).update(
        created_at=now - timedelta(days=came), updated_at=now - timedelta(days=changed)
    )


def test_documents_are_told_as_they_stood_at_the_end_of_each_day(
    workspace: Workspace, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    moved(make_documents(workspace, 3), came=40, changed=40)
    moved(make_documents(workspace, 2, Status.FAILED), came=3, changed=1)
    moved(make_documents(workspace, 1, Status.PENDING), came=0, changed=0)
    counts = progress.counts_by_status()
    today = figures.first_day().date() + timedelta(days=figures.DAYS - 1)
    days = [today - timedelta(days=n) for n in (4, 2, 1, 0)]
    with django_assert_num_queries(1):
        told = pipeline_figures.standings(days, counts)
    assert [(one.ready, one.waiting, one.failed) for one in told] == [
        (3, 0, 0),
        (3, 2, 0),
        (3, 0, 2),
        (3, 1, 2),
    ]


def test_the_queue_counts_what_nobody_was_asked_about(
    workspace: Workspace, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_documents(workspace, 2, Status.PENDING)
    busy = make_documents(workspace, 1, Status.PROCESSING)[0]
    first, _ = make_chunks(busy, ["one", "two"])
    Document.objects.filter(status=Status.PENDING).update(chunks_count=0)
    ChunkExtraction.objects.create(chunk=first, records={}, model="fake")
    with django_assert_num_queries(2):
        queue = pipeline_figures.queue()
    assert (queue.waiting, queue.running, queue.passages) == (2, 1, 1)
    assert queue.since is not None


def test_an_empty_queue_is_told_by_one_query(
    workspace: Workspace, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_documents(workspace, 2)
    with django_assert_num_queries(1):
        assert pipeline_figures.queue().since is None


def called(workspace: Workspace, purpose: str, *seconds: float | None) -> None:
    LLMCall.objects.bulk_create(
        LLMCall(workspace=workspace, purpose=purpose, model="fake", seconds=one)
        for one in seconds
    )


def test_steps_are_told_the_slowest_first(
    workspace: Workspace, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    called(workspace, "extract", 1.0, 2.0, 3.0, None)
    called(workspace, "keywords", 0.25)
    document = make_documents(workspace, 1)[0]
    document.metadata = {"parse_start_time": 100, "parse_end_time": 110}
    document.save()
    with django_assert_num_queries(1):
        told = steps.slowest()
    assert [(one.name, one.times, one.median) for one in told] == [
        ("Reading a file", 1, 10),
        ("Extraction", 3, 2),
        ("Keywords", 1, 0.25),
    ]
    assert [one.share for one in told] == [100, 29, 2]


def test_without_calls_there_are_no_steps(db: None) -> None:
    assert steps.slowest() == []


@pytest.mark.parametrize("figure", ["calls", "tokens"])
def test_a_plot_names_only_what_cost_anything(
    workspace: Workspace, figure: str
) -> None:
    called(workspace, "query", 1.0, 1.0)
    day = figures.first_day().date() + timedelta(days=figures.DAYS - 1)
    plot = json.loads(
        charts.spending([day], figures.spent(figures.first_day()), figure)
    )
    assert [part["label"] for part in plot["datasets"]] == ["Answers"]
    assert plot["datasets"][0]["data"] == [2 if figure == "calls" else 0]
