"""Figures from the upload to the deletion of their document."""

from __future__ import annotations

import hashlib

import pytest

from documents.intake import new_documents, reparse, uploads
from documents.lifecycle import (
    document_deletion,
    workspace_lifecycle,
    workspace_removal,
)
from documents.models import Chunk, Document, Figure, Status, Workspace
from documents.pipeline import leases, pipeline
from documents.pipeline.steps import parse
from tests.documents import make_files
from tests.models import FakeModels

CAPTIONS = ("Figure 1: Growth of tea", "圖 2：稻米產量")


@pytest.fixture
def workspace(workspace: Workspace, inputs: object, models: FakeModels) -> Workspace:
    return workspace


def add(workspace: Workspace, captions: tuple[str, ...] = CAPTIONS) -> Document:
    return uploads.accept_file(
        workspace,
        "tea.docx",
        [make_files.word_with_figures(captions)],
        track_id=new_documents.track_id("upload"),
    ).document


def test_figures_are_stored_with_caption_and_chunk(workspace: Workspace) -> None:
    document = add(workspace)
    pipeline.work(workspace.pk)
    assert Document.objects.get().status == Status.PROCESSED
    figures = list(Figure.objects.all())
    assert [(figure.order, figure.caption) for figure in figures] == [
        (1, CAPTIONS[0]),
        (2, CAPTIONS[1]),
    ]
    for seed, figure in enumerate(figures):
        content = make_files.picture(240, 160, seed=seed)
        assert bytes(figure.content) == content
        assert figure.content_hash == hashlib.md5(content).hexdigest()
        assert (figure.media_type, figure.width, figure.height) == (
            "image/png",
            240,
            160,
        )
        assert figure.document_id == document.pk
        assert figure.chunk and figure.caption in figure.chunk.content


def test_the_chunk_of_a_figure_contains_its_caption(workspace: Workspace) -> None:
    captions = tuple(
        f"Figure {n}: Item {n}. {'Tea is grown. ' * 500}" for n in (1, 2, 3)
    )
    add(workspace, captions)
    pipeline.work(workspace.pk)
    assert Chunk.objects.count() > 2
    for figure in Figure.objects.select_related("chunk"):
        assert figure.chunk
        assert f"Figure {figure.order}: Item" in figure.chunk.content


def test_a_document_that_is_parsed_twice_has_its_figures_once(
    workspace: Workspace,
) -> None:
    add(workspace)
    (document,) = leases.claim("killed", 1, {})
    list(parse.jobs([document]))
    Document.objects.update(lease_owner="", lease_until=None)
    pipeline.work(workspace.pk)
    pipeline.work(workspace.pk)
    assert Figure.objects.count() == 2


def test_deleted_documents_leave_no_figures(workspace: Workspace) -> None:
    document = add(workspace)
    pipeline.work(workspace.pk)
    document_deletion.delete_documents(workspace, [document.public_id])
    assert not Figure.objects.exists()


def test_the_deletion_of_all_documents_leaves_no_figures(workspace: Workspace) -> None:
    add(workspace)
    pipeline.work(workspace.pk)
    document_deletion.clear(workspace)
    assert not Figure.objects.exists()


def test_a_deleted_workspace_leaves_no_figures(workspace: Workspace) -> None:
    add(workspace)
    pipeline.work(workspace.pk)
    Figure.objects.filter(order=2).update(chunk=None)
    workspace_lifecycle.delete(workspace)
    workspace_removal.work(lambda: False)
    assert not Figure.objects.exists()
    assert not Workspace.all_objects.exists()


def test_a_new_version_has_its_own_figures(workspace: Workspace) -> None:
    document = add(workspace)
    pipeline.work(workspace.pk)
    uploads.accept_file(
        workspace,
        "tea.docx",
        [make_files.word_with_figures(("Figure 7: Tea in Jena",))],
        track_id=new_documents.track_id("upload"),
        replace=True,
    )
    assert Figure.objects.filter(document=document).count() == 2
    pipeline.work(workspace.pk)
    [figure] = Figure.objects.select_related("document", "chunk")
    assert figure.caption == "Figure 7: Tea in Jena"
    assert figure.document.name == "tea.docx"
    assert figure.chunk and figure.chunk.document_id == figure.document_id


def test_reparsing_replaces_the_figures(workspace: Workspace) -> None:
    add(workspace)
    pipeline.work(workspace.pk)
    old = set(Figure.objects.values_list("pk", flat=True))
    Figure.objects.update(caption="of an older parser")
    reparse.reparse(workspace)
    pipeline.work(workspace.pk)
    assert list(Figure.objects.values_list("caption", flat=True)) == list(CAPTIONS)
    assert not Figure.objects.filter(pk__in=old).exists()
