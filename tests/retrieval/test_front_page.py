"""The dashboard's figures: documents by day, the queue, and slow steps."""

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
    """Activate English: a request of another test may have left another language."""
    with translation.override("en"):
        yield


def set_times(documents: list[Document], *, created: int, changed: int) -> None:
    """Set when the documents were created and changed, in days ago."""
    now = timezone.now()
    Document.objects.filter(pk__in=[d.pk for d in documents]).update(
        created_at=now - timedelta(days=created),
        updated_at=now - timedelta(days=changed),
    )


def test_documents_are_counted_at_the_end_of_each_day(
    workspace: Workspace, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    set_times(make_documents(workspace, 3), created=40, changed=40)
    set_times(make_documents(workspace, 2, Status.FAILED), created=3, changed=1)
    set_times(make_documents(workspace, 1, Status.PENDING), created=0, changed=0)
    counts = progress.counts_by_status()
    today = figures.first_day().date() + timedelta(days=figures.DAYS - 1)
    days = [today - timedelta(days=n) for n in (4, 2, 1, 0)]
    with django_assert_num_queries(1):
        statuses = pipeline_figures.daily_statuses(days, counts)
    assert [(day.ready, day.unfinished, day.failed) for day in statuses] == [
        (3, 0, 0),
        (3, 2, 0),
        (3, 0, 2),
        (3, 1, 2),
    ]


def test_the_queue_counts_chunks_that_are_not_extracted(
    workspace: Workspace, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_documents(workspace, 2, Status.PENDING)
    busy = make_documents(workspace, 1, Status.PROCESSING)[0]
    first, _ = make_chunks(busy, ["one", "two"])
    Document.objects.filter(status=Status.PENDING).update(chunks_count=0)
    ChunkExtraction.objects.create(chunk=first, records={}, model="fake")
    with django_assert_num_queries(2):
        queue = pipeline_figures.queue()
    assert (queue.queued, queue.processing, queue.chunks) == (2, 1, 1)
    assert queue.since is not None


def test_an_empty_queue_needs_one_query(
    workspace: Workspace, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    make_documents(workspace, 2)
    with django_assert_num_queries(1):
        assert pipeline_figures.queue().since is None


def add_calls(workspace: Workspace, purpose: str, *seconds: float | None) -> None:
    LLMCall.objects.bulk_create(
        LLMCall(workspace=workspace, purpose=purpose, model="fake", seconds=value)
        for value in seconds
    )


def test_the_slowest_step_comes_first(
    workspace: Workspace, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    add_calls(workspace, "extract", 1.0, 2.0, 3.0, None)
    add_calls(workspace, "keywords", 0.25)
    document = make_documents(workspace, 1)[0]
    document.metadata = {"parse_start_time": 100, "parse_end_time": 110}
    document.save()
    with django_assert_num_queries(1):
        slowest = steps.slowest()
    assert [(step.name, step.count, step.p50) for step in slowest] == [
        ("Parsing a file", 1, 10),
        ("Extraction", 3, 2),
        ("Keywords", 1, 0.25),
    ]
    assert [step.share for step in slowest] == [100, 29, 2]


def test_slowest_steps_are_empty_without_model_calls(db: None) -> None:
    assert steps.slowest() == []


@pytest.mark.parametrize("figure", ["calls", "tokens"])
def test_a_chart_names_only_purposes_with_calls(
    workspace: Workspace, figure: str
) -> None:
    add_calls(workspace, "query", 1.0, 1.0)
    day = figures.first_day().date() + timedelta(days=figures.DAYS - 1)
    chart = json.loads(
        charts.usage([day], figures.daily_usage(figures.first_day()), figure)
    )
    assert [part["label"] for part in chart["datasets"]] == ["Answers"]
    assert chart["datasets"][0]["data"] == [2 if figure == "calls" else 0]
