"""Tests of the description of figures, with stored figures and a fake vision model."""

from __future__ import annotations

import io
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import md5

import PIL.Image
import pytest
from django.conf import settings as site
from django.db import connection
from pytest_django.fixtures import Settings

from documents.intake import reparse, uploads
from documents.lifecycle import (
    document_deletion,
    workspace_lifecycle,
    workspace_removal,
)
from documents.lifecycle.versions import make_version_of
from documents.models import Chunk, Document, Figure, Status, Workspace
from documents.parsing import text_cleaning
from documents.pipeline import pipeline
from documents.pipeline.steps import chunk_rows
from documents.workspaces import activity
from documents.workspaces.activity import Activity, ActivityKind
from graph.models import Entity, Relation
from retrieval.llm.base import ChatRequest
from retrieval.llm.config import ChatConfig
from retrieval.llm.errors import ProviderDown, RequestRefused
from retrieval.llm.testing.fake import FakeChat, Reply
from retrieval.llm.usage.models import LLMCache, LLMCall
from tests.documents import make_files
from tests.documents.make_files import one_color
from tests.models import FakeModels
from tests.waiting import wait_until

BLUE, RED = (20, 40, 230), (220, 20, 20)
BRIDGE = "A photo of the Golden Gate in San Francisco."


def figure(document: Document, order: int, content: bytes, caption: str = "") -> Figure:
    with PIL.Image.open(io.BytesIO(content)) as image:
        width, height = image.size
    return Figure.objects.create(
        document=document,
        chunk=document.chunks.first(),
        order=order,
        page=3,
        box=[10.0, 20.0, 110.0, 90.0],
        media_type="image/png",
        content=content,
        content_hash=md5(content, usedforsecurity=False).hexdigest(),
        width=width,
        height=height,
        caption=caption,
    )


def add(workspace: Workspace, name: str = "report.pdf", options: str = "") -> Document:
    """Add a document with one chunk, as if it were parsed."""
    text = "Marie Curie discovered Radium in Paris."
    document = Document.objects.create(
        workspace=workspace,
        public_id=f"doc-{name}",
        name=name,
        track_id="t",
        content_summary=text,
        chunks_count=1,
        metadata={"process_options": options} if options else {},
    )
    Chunk.objects.create(
        workspace=workspace,
        document=document,
        order=0,
        content=text,
        tokens=9,
        headings=["Results"],
        content_hash=text_cleaning.content_hash(text),
    )
    return document


@pytest.fixture
def vision(settings: Settings) -> FakeChat:
    """Enable and return a fake vision model; the other roles have other fakes."""
    chat = FakeChat()
    use(settings, chat)
    return chat


def use(settings: Settings, chat: FakeChat) -> None:
    config = FakeModels().configure(site.LIGHTRAG)
    settings.LIGHTRAG = replace(
        config,
        ingest=replace(config.ingest, vlm=True),
        vlm_llm=ChatConfig("fake", "vision", options={"chat": chat}),
    )


def processed(document: Document) -> Document:
    pipeline.work(document.workspace_id)
    document.refresh_from_db()
    assert (document.status, document.error_msg) == (Status.PROCESSED, "")
    return document


def test_a_description_becomes_a_chunk_with_its_place(
    workspace: Workspace, vision: FakeChat
) -> None:
    document = add(workspace)
    figure(document, 1, one_color(BLUE), "The sea")
    figure(document, 2, one_color(RED))
    processed(document)
    _, sea, second = Chunk.objects.filter(document=document)
    assert sea.content == (
        "Figure 1, page 3: The sea\nAn image of 120 by 80 pixels, mostly blue."
    )
    assert second.content == (
        "Figure 2, page 3\nAn image of 120 by 80 pixels, mostly red."
    )
    assert (sea.order, second.order, document.chunks_count) == (1, 2, 3)
    assert (sea.page_first, sea.positions) == (
        3,
        [{"page": 3, "box": [10.0, 20.0, 110.0, 90.0]}],
    )
    assert sea.headings == ["Results"]
    assert vision.calls == 2
    stored = Figure.objects.filter(document=document)
    assert [row.description_chunk for row in stored] == [sea, second]
    assert LLMCall.objects.filter(purpose=LLMCall.Purpose.FIGURES).count() == 2
    assert not activity.of_documents({document.pk: Status.PROCESSING})


def test_the_model_gets_the_image_its_caption_and_the_text_near_it(
    workspace: Workspace, vision: FakeChat
) -> None:
    document = add(workspace)
    content = one_color(BLUE)
    figure(document, 1, content, "The sea")
    processed(document)
    message = vision.requests[0].messages[1]
    assert message.images[0].content == content
    assert "report.pdf" in message.content
    assert "Caption: The sea" in message.content
    assert "Marie Curie discovered Radium" in message.content


def test_a_figure_is_an_entity_related_to_what_it_shows(
    workspace: Workspace, settings: Settings
) -> None:
    use(settings, FakeChat([BRIDGE]))
    document = add(workspace)
    figure(document, 1, one_color(BLUE), "The bay")
    processed(document)
    entity = Entity.objects.get(name="The bay (Figure 1 of report.pdf)")
    assert entity.entity_type == "figure"
    assert BRIDGE in entity.description
    relations = Relation.objects.filter(source=entity) | Relation.objects.filter(
        target=entity
    )
    related = {
        r.target.name if r.source == entity else r.source.name for r in relations
    }
    assert {"Golden Gate", "San Francisco"} <= related
    document_deletion.delete_documents(workspace, [document.public_id])
    assert not Entity.objects.exists()
    assert not Figure.objects.exists()


@pytest.mark.parametrize(("options", "calls"), [("", 1), ("R", 0), ("iR", 1)])
def test_process_options_turn_descriptions_off(
    workspace: Workspace, vision: FakeChat, options: str, calls: int
) -> None:
    document = add(workspace, options=options)
    figure(document, 1, one_color(BLUE))
    processed(document)
    assert vision.calls == calls


def test_nothing_is_described_without_a_vision_model(
    workspace: Workspace, models: FakeModels
) -> None:
    document = add(workspace, options="i")
    figure(document, 1, one_color(BLUE))
    processed(document)
    assert document.chunks_count == 1


def test_small_and_large_images_are_not_described(
    workspace: Workspace, vision: FakeChat, settings: Settings
) -> None:
    ingest = replace(settings.LIGHTRAG.ingest, vlm_min_image_pixel=100)
    settings.LIGHTRAG = replace(settings.LIGHTRAG, ingest=ingest)
    document = add(workspace)
    figure(document, 1, one_color(BLUE))
    processed(document)
    assert vision.calls == 0


def test_a_refused_image_is_a_warning(workspace: Workspace, settings: Settings) -> None:
    def reply(request: ChatRequest) -> Reply:
        is_red = request.messages[-1].images[0].content == one_color(RED)
        return RequestRefused("Not allowed.") if is_red else BRIDGE

    use(settings, FakeChat(reply))
    document = add(workspace)
    figure(document, 1, one_color(RED))
    figure(document, 2, one_color(BLUE))
    processed(document)
    assert document.metadata["warnings"] == ["Figure 1 is not described: Not allowed."]
    assert document.chunks_count == 2


def test_a_retry_does_not_repeat_a_description(
    workspace: Workspace, settings: Settings
) -> None:
    failing = FakeChat([BRIDGE, *[ProviderDown("Down.")] * 50])
    use(settings, failing)
    ingest = replace(settings.LIGHTRAG.ingest, provider_retry_timeout=0.0)
    vlm = replace(settings.LIGHTRAG.vlm_llm, max_async=1)
    settings.LIGHTRAG = replace(settings.LIGHTRAG, ingest=ingest, vlm_llm=vlm)
    document = add(workspace)
    first = figure(document, 1, one_color(RED))
    figure(document, 2, one_color(BLUE))
    pipeline.work(workspace.pk)
    document.refresh_from_db()
    assert document.status == Status.FAILED
    assert document.error_msg == "Figure 2: Down."
    first.refresh_from_db()
    assert first.description == BRIDGE
    again = FakeChat()
    use(settings, again)
    Document.objects.update(status=Status.PENDING, error_msg="")
    processed(document)
    assert again.calls == 1
    assert document.chunks_count == 3


def test_an_equal_image_of_the_workspace_is_described_once(
    workspace: Workspace, vision: FakeChat
) -> None:
    for name in ("a.pdf", "b.pdf"):
        document = add(workspace, name)
        figure(document, 1, one_color(BLUE))
        processed(document)
        assert document.chunks_count == 2
    assert vision.calls == 1


def test_a_cached_description_costs_nothing(
    workspace: Workspace, vision: FakeChat
) -> None:
    document = add(workspace)
    figure(document, 1, one_color(BLUE))
    processed(document)
    document_deletion.delete_documents(workspace, [document.public_id])
    assert LLMCache.objects.filter(purpose=LLMCache.Purpose.FIGURES).exists()
    document = add(workspace)
    figure(document, 1, one_color(BLUE))
    processed(document)
    assert vision.calls == 1
    assert document.chunks_count == 2


def test_a_new_version_keeps_the_name_of_the_figure(
    workspace: Workspace, vision: FakeChat
) -> None:
    old = add(workspace)
    figure(old, 1, one_color(BLUE))
    processed(old)
    new = add(workspace, "draft.pdf")
    figure(new, 1, one_color(BLUE))
    make_version_of(new, old).save()
    processed(new)
    assert new.name == "report.pdf"
    assert Entity.objects.filter(name="Figure 1 of report.pdf").exists()
    assert vision.calls == 1


def test_the_progress_counts_figures(
    workspace: Workspace, settings: Settings, redis: str
) -> None:
    shown: list[object] = []
    document = add(workspace)

    def reply(_: ChatRequest) -> str:
        shown.extend(activity.of_documents({document.pk: Status.PROCESSING}).values())
        return BRIDGE

    use(settings, FakeChat(reply))
    figure(document, 1, one_color(BLUE))
    processed(document)
    assert shown == [Activity(ActivityKind.FIGURES, 1, 1)]
    assert str(shown[0]) == "Describing figure 1 of 1"


@pytest.mark.parametrize(
    ("caption", "page", "title"),
    [
        ("", None, "Figure 2"),
        ("Harvest", 3, "Figure 2, page 3: Harvest"),
        ("Fig. 7. Harvest", 3, "Fig. 7. Harvest (page 3)"),
        ("圖 2 收成", None, "圖 2 收成"),
    ],
)
def test_a_title_does_not_number_a_figure_twice(
    caption: str, page: int | None, title: str
) -> None:
    assert chunk_rows.title(Figure(order=2, caption=caption, page=page)) == title


@pytest.mark.parametrize(
    ("caption", "name"),
    [
        ("", "Figure 2 of a.pdf"),
        ("Harvest", "Harvest (Figure 2 of a.pdf)"),
        ("Figure 5: Harvest", "Figure 5: Harvest (a.pdf)"),
    ],
)
def test_the_name_of_a_figure_contains_its_file(caption: str, name: str) -> None:
    assert chunk_rows.entity_name(2, caption, "a.pdf") == name


def test_figures_are_described_from_the_upload_to_the_deletion(
    workspace: Workspace, vision: FakeChat, inputs: object
) -> None:
    document = uploads.accept_file(
        workspace,
        "tea.docx",
        [make_files.word_with_figures(("Figure 1: Tea", "Figure 2: Rice"))],
        track_id="t",
    ).document
    processed(document)
    assert vision.calls == 2
    described = [chunk.content for chunk in Chunk.objects.order_by("order")][-2:]
    assert [text.split("\n")[0] for text in described] == [
        "Figure 1: Tea",
        "Figure 2: Rice",
    ]
    figures = Entity.objects.filter(entity_type="figure")
    assert figures.filter(name="Figure 1: Tea (tea.docx)").exists()
    reparse.reparse(workspace)
    pipeline.work(workspace.pk)
    assert vision.calls == 2
    assert Chunk.objects.count() == document.chunks_count
    document_deletion.delete_documents(workspace, [document.public_id])
    assert not Chunk.objects.exists()
    assert not Entity.objects.exists()


def test_a_deleted_workspace_leaves_no_described_figures(
    workspace: Workspace, vision: FakeChat
) -> None:
    document = add(workspace)
    figure(document, 1, one_color(BLUE))
    processed(document)
    Figure.objects.update(chunk=None)
    workspace_lifecycle.delete(workspace)
    workspace_removal.work(lambda: False)
    assert not Workspace.all_objects.exists()


def upload_photo(workspace: Workspace, colour: tuple[int, int, int]) -> Document:
    name = f"photo{colour[0]}.png"
    content = [one_color(colour)]
    return uploads.accept_file(workspace, name, content, track_id="t").document


def test_an_image_without_text_consists_of_its_description(
    workspace: Workspace, vision: FakeChat, inputs: object
) -> None:
    for colour in (BLUE, RED):
        document = processed(upload_photo(workspace, colour))
        assert (document.chunks_count, document.content_length) == (1, 0)
    chunk = Chunk.objects.get(document=document)
    assert chunk.content.endswith("An image of 120 by 80 pixels, mostly red.")
    assert document.content_summary.startswith("Figure 1, page 1")
    assert vision.calls == 2


def test_an_image_without_text_and_description_fails(
    workspace: Workspace, settings: Settings, inputs: object
) -> None:
    use(settings, FakeChat(lambda _: RequestRefused("Not allowed.")))
    document = upload_photo(workspace, BLUE)
    pipeline.work(workspace.pk)
    document.refresh_from_db()
    assert (document.status, document.metadata["error_type"]) == (
        Status.FAILED,
        "EmptyDocument",
    )


def test_deleting_a_document_ends_the_description(
    committed_workspace: Workspace, settings: Settings
) -> None:
    chat = FakeChat(latency=60.0)
    use(settings, chat)
    document = add(committed_workspace)
    figure(document, 1, one_color(BLUE))
    with ThreadPoolExecutor(1) as pool:

        def delete() -> None:
            try:
                wait_until(lambda: chat.calls > 0)
                document_deletion.delete_documents(
                    committed_workspace, [document.public_id]
                )
            finally:
                connection.close()

        deletion = pool.submit(delete)
        started = time.monotonic()
        pipeline.work(committed_workspace.pk)
        deletion.result()
    assert time.monotonic() - started < 30
    assert not Figure.objects.exists()
