"""What a worker has read counts only while the document is its own to read."""

from __future__ import annotations

import pytest

from documents.lifecycle import retry_and_cancel
from documents.models import Chunk, Document, PipelineEvent, Status, Workspace
from documents.pipeline import leases, transitions
from documents.pipeline.steps import parse
from documents.pipeline.steps.parse import ParsedChunks, ParseJob
from tests.documents.pipeline.test_pipeline import add
from tests.models import FakeModels


@pytest.fixture
def read(workspace: Workspace, models: FakeModels) -> ParsedChunks:
    """A document that was claimed and read, and not yet stored."""
    add(workspace)
    (document,) = leases.claim("me", 1, {})
    (job,) = parse.jobs([document])
    return parse.parse(job.document, job.text)


def test_a_document_stopped_meanwhile_stays_stopped(
    workspace: Workspace, read: ParsedChunks
) -> None:
    retry_and_cancel.cancel(workspace)
    parse.store([read])
    transitions.fail(read.document, "Something else.")
    document = Document.objects.get()
    assert (document.status, document.error_msg) == (
        Status.FAILED,
        retry_and_cancel.CANCELLED,
    )
    assert not Chunk.objects.exists()


def test_a_document_read_twice_is_stored_once(read: ParsedChunks) -> None:
    parse.store([read, read])
    parse.store([read])
    assert Chunk.objects.count() == len(read.drafts)


def test_a_document_read_twice_is_no_duplicate_of_itself(read: ParsedChunks) -> None:
    job = ParseJob(read.document, None)
    job.store([(job, read), (job, read)])
    assert Document.objects.get().status == Status.PROCESSING


def test_a_document_deleted_meanwhile_fails_nobody(read: ParsedChunks) -> None:
    Document.objects.all().delete()
    parse.store([read])
    transitions.fail(read.document, "Something else.")
    assert not PipelineEvent.objects.filter(message__startswith="Failed").exists()


def test_a_document_stopped_before_its_reading_began_is_not_begun(
    workspace: Workspace, models: FakeModels
) -> None:
    add(workspace)
    (document,) = leases.claim("me", 1, {})
    retry_and_cancel.cancel(workspace)
    list(parse.jobs([document]))
    assert Document.objects.get().status == Status.FAILED
