"""Figures in the references of answers, on the pages, and after the deletion."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from compat_api.webui.chat import answer_stream
from documents.intake import new_documents, uploads
from documents.lifecycle import document_deletion
from documents.models import Chunk, Document, Figure, Workspace
from documents.pipeline import pipeline
from retrieval.context.references import Reference
from retrieval.search import chunk_ranking
from retrieval.search.evidence import FoundChunk, FoundFigure
from tests.compat_api.conftest import Api
from tests.documents import make_files

CAPTIONS = ("Figure 1: Growth of tea in Jena", "Figure 2: Rice near Weimar")
QUESTION = {"query": "How did tea grow in Jena?", "mode": "naive"}


@pytest.fixture
def tea(api: Api, workspace: Workspace) -> Document:
    content = make_files.word_with_figures(CAPTIONS)
    track_id = new_documents.track_id("upload")
    accepted = uploads.accept_file(workspace, "tea.docx", [content], track_id=track_id)
    pipeline.work(workspace.pk)
    return accepted.document


def expected(document: Document) -> list[dict[str, Any]]:
    path = f"/resources/workspaces/tests/documents/{document.public_id}/figures"
    return [
        {"url": f"{path}/{n}/", "page": None, "caption": caption, "description": ""}
        for n, caption in enumerate(CAPTIONS, 1)
    ]


def test_references_have_the_figures_of_their_chunks(api: Api, tea: Document) -> None:
    [reference] = api.post("/query", QUESTION).json()["references"]
    assert reference["figures"] == expected(tea)
    [reference] = api.post("/query/data", QUESTION).json()["data"]["references"]
    assert reference["figures"] == expected(tea)
    lines = api.lines("/query/stream", QUESTION)
    [reference] = next(line["references"] for line in lines if "references" in line)
    assert reference["figures"] == expected(tea)


def test_references_without_figures_have_no_such_field(api: Api, tea: Document) -> None:
    Figure.objects.all().delete()
    [reference] = api.post("/query", QUESTION).json()["references"]
    assert "figures" not in reference


def test_figures_need_no_query_of_their_own(tea: Document) -> None:
    ids = list(tea.chunks.values_list("pk", flat=True))
    with CaptureQueriesContext(connection) as queries:
        [chunk] = chunk_ranking.read(ids, {ids[0]: {}})
    assert [figure.caption for figure in chunk.figures] == list(CAPTIONS)
    assert len(queries) == 1


def test_the_chunk_of_a_description_shows_its_figure(
    tea: Document, client: Client
) -> None:
    Figure.objects.filter(order=2).update(description="Two fields of rice.")
    chunk = Chunk.objects.create(
        workspace=tea.workspace, document=tea, order=1, content="Rice", tokens=1
    )
    Figure.objects.filter(order=2).update(description_chunk=chunk)
    [described] = chunk_ranking.read([chunk.pk], {chunk.pk: {}})
    assert described.figures == (
        FoundFigure(2, None, CAPTIONS[1], "Two fields of rice."),
    )
    pane = client.get(f"/webui/documents/{tea.public_id}/chunks/1").content.decode()
    assert pane.count("<figcaption>") == 1
    assert "Two fields of rice." in pane


def test_the_document_page_and_the_source_pane_show_figures(
    tea: Document, client: Client
) -> None:
    page = f"/webui/documents/{tea.public_id}/"
    html = client.get(page).content.decode()
    assert html.count(f'<img src="{page}figures/1"') == 2  # gallery and chunk
    assert f'alt="{CAPTIONS[0]}"' in html
    pane = client.get(f"{page}chunks/0").content.decode()
    assert pane.count("<figcaption>") == 2
    image = client.get(f"{page}figures/2")
    assert image.content == make_files.picture(240, 160, seed=1)
    assert image["X-Content-Type-Options"] == "nosniff"
    assert client.get(f"{page}figures/3").status_code == 404


def test_the_sources_of_the_chat_page_have_figures() -> None:
    figures = (FoundFigure(2, 1, "", "Two cups."), FoundFigure(1, 1, "Figure 1: Tea"))
    chunk = FoundChunk("doc-a-chunk-000", "doc-a", "a.md", "Tea.", 1, figures=figures)
    values = answer_stream.reference_values(Reference("1", "a.md", "doc-a", (chunk,)))
    path = "/webui/documents/doc-a/figures"
    assert values["figures"] == [
        {"url": f"{path}/1", "number": 1, "caption": "Figure 1: Tea"},
        {"url": f"{path}/2", "number": 2, "caption": "Two cups."},
    ]


def test_a_deleted_document_has_no_figures(
    api: Api, tea: Document, client: Client
) -> None:
    document_deletion.delete_documents(tea.workspace, [tea.public_id])
    [first, _] = expected(tea)
    assert api.get(first["url"]).status_code == 404
    url = f"/webui/documents/{tea.public_id}/figures/1"
    assert client.get(url).status_code == 404


def test_a_reference_to_a_description_has_its_figure(
    api: Api, workspace: Workspace, settings: Settings
) -> None:
    ingest = replace(settings.LIGHTRAG.ingest, vlm=True)
    settings.LIGHTRAG = replace(settings.LIGHTRAG, ingest=ingest)
    photo = make_files.picture(240, 160)
    uploads.accept_file(workspace, "photo.png", [photo], track_id="t")
    pipeline.work(workspace.pk)
    question = {"query": "Which image has 240 by 160 pixels?", "mode": "naive"}
    [reference] = api.post("/query", question).json()["references"]
    [figure] = reference["figures"]
    assert figure["description"].startswith("An image of 240 by 160 pixels")
