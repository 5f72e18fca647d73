"""Documents that a service parses, from the upload to the chunks."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pytest_django.fixtures import Settings

from documents.intake import new_documents, reparse, uploads
from documents.models import Chunk, Document, Figure, Status, Workspace
from documents.parse_process.services.config import DoclingConfig, MineruConfig
from documents.pipeline import pipeline
from tests.documents.parse_process.services import stand_in
from tests.documents.parsing.services import results
from tests.models import FakeModels


@pytest.fixture
def workspace(workspace: Workspace, inputs: object, models: FakeModels) -> Workspace:
    return workspace


def upload(workspace: Workspace, name: str) -> Document:
    track_id = new_documents.track_id("upload")
    return uploads.accept_file(
        workspace, name, [b"%PDF-1.4 any"], track_id=track_id
    ).document


def test_a_hint_sends_a_file_to_docling(
    workspace: Workspace, settings: Settings
) -> None:
    with stand_in.serving(stand_in.docling(results.docling())) as service:
        docling = DoclingConfig(service.url, poll_seconds=0)
        settings.LIGHTRAG = replace(settings.LIGHTRAG, docling=docling)
        document = upload(workspace, "report.[docling-R].pdf")
        pipeline.work(workspace.pk)
        document.refresh_from_db()
        assert (document.status, document.error_msg) == (Status.PROCESSED, "")
        assert document.metadata["parse_engine"] == "docling"
        reparse.reparse(workspace)
        pipeline.work(workspace.pk)
    uploaded = [body for method, _, body in service.requests if method == "POST"]
    assert len(uploaded) == 2
    assert b'filename="report.pdf"' in uploaded[0]
    chunk = Chunk.objects.get()
    assert "| North | 12.5 |" in chunk.content
    assert chunk.page_first == 1
    figure = Figure.objects.get()
    assert (figure.caption, figure.page) == ("Figure 1: Rain", 1)
    assert figure.box == [50.0, 400.0, 170.0, 480.0]


def test_a_rule_sends_files_to_mineru(workspace: Workspace, settings: Settings) -> None:
    with stand_in.serving(stand_in.mineru(results.mineru())) as service:
        config = settings.LIGHTRAG
        settings.LIGHTRAG = replace(
            config,
            mineru=MineruConfig(service.url, poll_seconds=0),
            ingest=replace(config.ingest, parser_rules="*:native,*:mineru-R"),
        )
        document = upload(workspace, "report.pdf")
        pipeline.work(workspace.pk)
    document.refresh_from_db()
    assert (document.status, document.error_msg) == (Status.PROCESSED, "")
    assert document.metadata["process_options"] == "R"
    assert "y = ax + b" in Chunk.objects.get().content
    assert Figure.objects.get().caption == "Figure 1: Rain"


def test_a_document_whose_service_fails_can_be_retried(
    workspace: Workspace, settings: Settings
) -> None:
    with stand_in.serving(stand_in.docling({}, "failure")) as service:
        docling = DoclingConfig(service.url, poll_seconds=0)
        settings.LIGHTRAG = replace(settings.LIGHTRAG, docling=docling)
        document = upload(workspace, "report.[docling].pdf")
        pipeline.work(workspace.pk)
    document.refresh_from_db()
    assert document.status == Status.FAILED
    assert "(DOCLING_ENDPOINT): The conversion failed" in document.error_msg
    assert document.metadata["error_type"] == "ServiceFailed"
