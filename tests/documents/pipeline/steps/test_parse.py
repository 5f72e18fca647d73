"""Results of parsing are stored only while the worker holds the document."""

from __future__ import annotations

import asyncio

import pytest

from documents.lifecycle import retry_and_cancel
from documents.models import Chunk, Document, PipelineEvent, Status, Workspace
from documents.pipeline import leases, transitions
from documents.pipeline.steps import parse, store_parsed
from documents.pipeline.steps.parse import ParseJob
from documents.pipeline.steps.store_parsed import ParsedChunks
from tests.documents.pipeline.test_pipeline import add
from tests.models import FakeModels


@pytest.fixture
def parsed(workspace: Workspace, models: FakeModels) -> ParsedChunks:
    """Return the parsed chunks of a claimed document, which are not stored."""
    add(workspace)
    (document,) = leases.claim("me", 1, {})
    (job,) = parse.jobs([document])
    return asyncio.run(job.run())


def test_chunks_of_a_cancelled_document_are_not_stored(
    workspace: Workspace, parsed: ParsedChunks
) -> None:
    retry_and_cancel.cancel(workspace)
    store_parsed.store([parsed])
    transitions.fail(parsed.document, "Another error.")
    document = Document.objects.get()
    assert (document.status, document.error_msg) == (
        Status.FAILED,
        retry_and_cancel.CANCELLED,
    )
    assert not Chunk.objects.exists()


def test_a_document_parsed_twice_is_stored_once(parsed: ParsedChunks) -> None:
    store_parsed.store([parsed, parsed])
    store_parsed.store([parsed])
    assert Chunk.objects.count() == len(parsed.drafts)


def test_a_document_parsed_twice_is_not_a_duplicate_of_itself(
    parsed: ParsedChunks,
) -> None:
    job = ParseJob(parsed.document, None)
    job.store([(job, parsed), (job, parsed)])
    assert Document.objects.get().status == Status.PROCESSING


def test_storing_a_deleted_document_raises_no_error(parsed: ParsedChunks) -> None:
    Document.objects.all().delete()
    store_parsed.store([parsed])
    transitions.fail(parsed.document, "Another error.")
    assert not PipelineEvent.objects.filter(message__startswith="Failed").exists()


def test_a_cancelled_document_is_not_parsed(
    workspace: Workspace, models: FakeModels
) -> None:
    add(workspace)
    (document,) = leases.claim("me", 1, {})
    retry_and_cancel.cancel(workspace)
    list(parse.jobs([document]))
    assert Document.objects.get().status == Status.FAILED
