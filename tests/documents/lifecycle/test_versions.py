"""Replacement of a document by a new version."""

from __future__ import annotations

import pytest

from documents.intake import new_documents, uploads
from documents.intake.new_documents import NO_OPTIONS
from documents.lifecycle import document_deletion, versions
from documents.models import Chunk, Document, DocumentContent, Status, Workspace
from documents.pipeline import pipeline
from graph.age import consistency
from graph.curation import edit
from graph.curation.edit import EntityChanges, RelationChanges
from graph.models import Entity
from tests.documents.pipeline.test_pipeline import (
    add,
    long_text,
    missing_vectors,
    searchable_chunks,
)
from tests.models import FakeModels


def add_version(workspace: Workspace, old: Document, text: str) -> Document:
    row = new_documents.of_text(
        workspace, new_documents.CleanText(text, old.name, ""), "track"
    )
    version = versions.make_version_of(row, old)
    version.save()
    DocumentContent.objects.create(document=version, text=text)
    return version


def test_the_new_version_gets_the_name_and_id_of_the_old_one(
    workspace: Workspace, models: FakeModels
) -> None:
    old = add(workspace)
    pipeline.work(workspace.pk)
    version = add_version(workspace, old, "Alfred Nobel patented Dynamite in Sweden.")
    assert version.name == "curie (new version).txt"
    pipeline.work(workspace.pk)
    document = Document.objects.get()
    assert document.pk == version.pk
    assert (document.name, document.public_id) == (old.name, old.public_id)
    assert document.status == Status.PROCESSED
    assert Entity.objects.filter(name="Alfred Nobel").exists()
    assert not Entity.objects.filter(name="Marie Curie").exists()
    assert searchable_chunks(workspace) == 1
    assert missing_vectors(workspace) == 0


def test_unchanged_chunks_are_not_extracted_again(
    workspace: Workspace, models: FakeModels
) -> None:
    text = long_text(6)
    old = add(workspace, text)
    pipeline.work(workspace.pk)
    calls, embedded = models.chat.calls, models.embedder.texts
    chunks = Chunk.objects.count()
    add_version(workspace, old, text + " Alfred Nobel patented Dynamite.")
    pipeline.work(workspace.pk)
    assert chunks > 2
    assert models.chat.calls - calls == 1
    assert models.embedder.texts - embedded < embedded
    assert Document.objects.get().status == Status.PROCESSED
    assert searchable_chunks(workspace) == chunks


def test_the_old_version_stays_if_the_new_one_fails(
    workspace: Workspace, models: FakeModels
) -> None:
    old = add(workspace)
    pipeline.work(workspace.pk)
    version = add_version(workspace, old, " ")
    pipeline.work(workspace.pk)
    version.refresh_from_db()
    old.refresh_from_db()
    assert version.status == Status.FAILED
    assert old.status == Status.PROCESSED
    assert searchable_chunks(workspace) == 1
    assert Entity.objects.filter(name="Marie Curie").exists()


def test_edits_of_users_survive_the_replacement(
    workspace: Workspace, models: FakeModels
) -> None:
    old = add(workspace, "Marie Curie discovered Radium in Paris.")
    pipeline.work(workspace.pk)
    renamed = EntityChanges("Paris (France)", description="The capital.")
    edit.edit_entity(workspace.pk, "Paris", renamed, allow_rename=True)
    words = RelationChanges(description="A discovery.", keywords="mine")
    edit.edit_relation(workspace.pk, "Marie Curie", "Radium", words)
    add_version(workspace, old, "Marie Curie discovered Radium in Paris, in 1898.")
    pipeline.work(workspace.pk)
    assert not Entity.objects.filter(name="Paris").exists()
    paris = Entity.objects.get(name="Paris (France)")
    assert (paris.description, paris.mentions.count()) == ("The capital.", 1)
    relation = edit.find_relation(workspace.pk, "Marie Curie", "Radium")
    assert (relation.description, relation.keywords) == ("A discovery.", "mine")
    assert consistency.check(workspace.pk).differences == ()


def test_deleting_a_document_deletes_its_unfinished_version(
    workspace: Workspace, models: FakeModels
) -> None:
    old = add(workspace)
    pipeline.work(workspace.pk)
    add_version(workspace, old, "Alfred Nobel patented Dynamite in Sweden.")
    report = document_deletion.delete_documents(workspace, [old.public_id])
    assert report.deleted == (old.public_id,)
    pipeline.work(workspace.pk)
    assert not Document.objects.exists()


def test_replacing_an_unfinished_version_replaces_its_document(
    workspace: Workspace, models: FakeModels
) -> None:
    old = add(workspace)
    pipeline.work(workspace.pk)
    version = add_version(workspace, old, "Alfred Nobel patented Dynamite in Sweden.")
    for _ in range(2):
        newer = uploads.replace_text(
            workspace,
            version.public_id,
            "Alfred Nobel lived in Sweden.",
            track_id="t",
            options=NO_OPTIONS,
        ).document
        assert newer.replaces == old
    pipeline.work(workspace.pk)
    document = Document.objects.get()
    assert (document.name, document.pk) == (old.name, newer.pk)


@pytest.mark.parametrize("name", ["a.txt", "a.b.md", "plain"])
def test_a_version_keeps_its_suffix(name: str) -> None:
    suffix = versions.version_name(name).rpartition(" (new version)")[2]
    assert name.endswith(suffix)
