"""The pipeline status, derived from the tables."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from documents.models import Chunk, Document, PipelineEvent, Status, Workspace
from documents.queries import pipeline_status
from documents.queries.pipeline_status import Work
from graph.models import ChunkExtraction


def add(workspace: Workspace, name: str, status: Status, minutes: int = 0) -> Document:
    """Create a document that was uploaded and last changed `minutes` ago."""
    document = Document.objects.create(
        workspace=workspace, public_id=name, name=name, status=status, track_id="t"
    )
    moment = timezone.now() - timedelta(minutes=minutes)
    Document.objects.filter(pk=document.pk).update(created_at=moment, updated_at=moment)
    return document


def add_chunks(document: Document, extracted: int, total: int) -> None:
    chunks = Chunk.objects.bulk_create(
        Chunk(
            workspace=document.workspace,
            document=document,
            order=order,
            content="",
            tokens=0,
            content_hash="",
        )
        for order in range(total)
    )
    ChunkExtraction.objects.bulk_create(
        ChunkExtraction(chunk=chunk, records={}, model="m")
        for chunk in chunks[:extracted]
    )
    Document.objects.filter(pk=document.pk).update(chunks_count=total)


def test_without_unfinished_documents_nothing_is_counted(
    workspace: Workspace, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    add(workspace, "done.txt", Status.PROCESSED)
    with django_assert_max_num_queries(1):
        assert pipeline_status.work(workspace) == Work()
    assert not pipeline_status.is_busy(workspace)


def test_the_status_counts_documents(workspace: Workspace) -> None:
    add(workspace, "before.txt", Status.PROCESSED, minutes=60)
    add(workspace, "queued.txt", Status.PENDING, minutes=5)
    add(workspace, "runs.txt", Status.PROCESSING, minutes=4)
    add(workspace, "done.txt", Status.PROCESSED, minutes=1)
    add(workspace, "failed.txt", Status.FAILED, minutes=1)
    work = pipeline_status.work(workspace)
    assert (work.queued, work.running, work.finished) == (1, 1, 2)
    assert (work.unfinished, work.documents) == (2, 4)
    assert work.first_name == "runs.txt"
    assert pipeline_status.is_busy(workspace)


def test_the_status_counts_chunks(
    workspace: Workspace, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    add_chunks(add(workspace, "done.txt", Status.PROCESSED), extracted=2, total=2)
    add_chunks(add(workspace, "runs.txt", Status.PROCESSING), extracted=3, total=5)
    with django_assert_max_num_queries(4):
        work = pipeline_status.work(workspace)
    assert (work.extracted, work.chunks) == (3, 5)


def test_only_unexpired_leases_are_counted(
    workspace: Workspace,
) -> None:
    for minutes in (-1, 1):
        document = add(workspace, f"{minutes}.txt", Status.PROCESSING)
        until = timezone.now() + timedelta(minutes=minutes)
        Document.objects.filter(pk=document.pk).update(lease_until=until)
    assert pipeline_status.work(workspace).leased == 1


def test_the_history_is_ordered_from_the_oldest(workspace: Workspace) -> None:
    for message in ("one", "two"):
        PipelineEvent.objects.create(workspace=workspace, message=message)
    assert pipeline_status.history(workspace) == ["one", "two"]


def test_a_long_history_is_truncated_with_a_note(workspace: Workspace) -> None:
    PipelineEvent.objects.bulk_create(
        PipelineEvent(workspace=workspace, message=str(number))
        for number in range(1002)
    )
    lines = pipeline_status.history(workspace)
    assert len(lines) == 1001
    assert "omitted" in lines[0]
    assert (lines[1], lines[-1]) == ("2", "1001")
