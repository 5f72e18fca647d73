"""Tests of edits by a user."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks

from documents.models import Workspace
from documents.workspaces import workers
from graph.curation import edit, entity_merge, unmerge
from graph.curation.edit import EntityChanges, RelationChanges
from graph.errors import EntityExists, InvalidEdit, RelationExists, UnknownEntity
from graph.models import Entity, Relation
from tests.graph.conftest import Ingest


def test_an_edited_description_is_kept_when_documents_are_added(
    ingest: Ingest, workspace: Workspace
) -> None:
    ingest(("Ada", "person", "a"))
    edit.edit_entity(
        workspace.pk, "Ada", EntityChanges(description="Mine.", entity_type="hero")
    )
    ingest(("Ada", "person", "b"))
    entity = Entity.objects.get()
    assert (entity.description, entity.entity_type) == ("Mine.", "hero")


def test_documents_with_the_old_name_use_the_renamed_entity(
    ingest: Ingest, workspace: Workspace
) -> None:
    ingest(("Ada", "person", "a"))
    edit.edit_entity(
        workspace.pk, "Ada", EntityChanges(name="Ada Lovelace"), allow_rename=True
    )
    ingest(("Ada", "person", "b"))
    entity = Entity.objects.get()
    assert (entity.name, entity.description) == ("Ada Lovelace", "a<SEP>b")


def test_renaming_must_be_allowed(ingest: Ingest, workspace: Workspace) -> None:
    ingest(("Ada", "person", "a"))
    with pytest.raises(InvalidEdit):
        edit.edit_entity(workspace.pk, "Ada", EntityChanges(name="Eve"))


def test_renaming_back_deletes_the_alias(ingest: Ingest, workspace: Workspace) -> None:
    ingest(("Ada", "person", "a"))
    for old, new in (("Ada", "Eve"), ("Eve", "Ada")):
        edit.edit_entity(workspace.pk, old, EntityChanges(name=new), allow_rename=True)
    entity = Entity.objects.get()
    assert entity.name == "Ada"
    assert [alias.name for alias in entity.aliases.all()] == ["Eve"]


def test_a_rename_to_an_existing_name_merges_only_if_allowed(
    ingest: Ingest, workspace: Workspace
) -> None:
    ingest(("Ada", "person", "a"))
    ingest(("Eve", "person", "b"))
    changes = EntityChanges(name="Eve")
    with pytest.raises(EntityExists):
        edit.edit_entity(workspace.pk, "Ada", changes, allow_rename=True)
    edited = edit.edit_entity(
        workspace.pk, "Ada", changes, allow_rename=True, allow_merge=True
    )
    assert edited.merged
    assert Entity.objects.get().description == "a<SEP>b"


def test_created_entities_and_relations_need_no_mention(workspace: Workspace) -> None:
    for name in ("Ada", "Babbage"):
        edit.create_entity(workspace.pk, name, EntityChanges(description="Made."))
    relation = edit.create_relation(
        workspace.pk, "Ada", "Babbage", RelationChanges("Met.", "work", 3.0)
    )
    assert (relation.description, relation.keywords) == ("Met.", "work")
    assert relation.weight == 3
    assert Entity.objects.get(name="Ada").degree == 1
    with pytest.raises(RelationExists):
        edit.create_relation(workspace.pk, "Babbage", "Ada", RelationChanges("Again."))


def test_a_weight_below_the_number_of_chunks_is_refused(
    ingest: Ingest, workspace: Workspace
) -> None:
    ingest(("Ada", "Babbage", "k", "d"))
    ingest(("Ada", "Babbage", "k", "e"))
    with pytest.raises(InvalidEdit):
        edit.edit_relation(workspace.pk, "Ada", "Babbage", RelationChanges(weight=1))


def test_deleting_an_entity_deletes_its_relations(
    ingest: Ingest, workspace: Workspace
) -> None:
    ingest(("Ada", "Babbage", "k", "d"))
    edit.delete_entity(workspace.pk, "Ada")
    assert not Relation.objects.exists()
    assert Entity.objects.get().degree == 0
    with pytest.raises(UnknownEntity):
        edit.find_entity(workspace.pk, "Ada")


@pytest.mark.parametrize(
    "write",
    [
        lambda pk: edit.create_entity(pk, "Eve", EntityChanges(description="x")),
        lambda pk: edit.edit_entity(pk, "Ada", EntityChanges(description="x")),
        lambda pk: edit.delete_entity(pk, "Ada"),
        lambda pk: edit.create_relation(pk, "Ada", "Bob", RelationChanges("x")),
        lambda pk: edit.edit_relation(pk, "Ada", "Charles", RelationChanges("x")),
        lambda pk: edit.delete_relation(pk, "Ada", "Charles"),
        lambda pk: entity_merge.merge_entities(pk, ["Bob"], "Charles"),
        lambda pk: unmerge.split_entity(pk, "Robert"),
    ],
)
def test_every_edit_notifies_the_workers(
    write: Callable[[int], object],
    ingest: Ingest,
    workspace: Workspace,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    ingest(
        ("Bob", "person", "b"), ("Robert", "person", "r"), ("Ada", "Charles", "k", "d")
    )
    entity_merge.merge_entities(workspace.pk, ["Robert"], "Bob")
    with django_capture_on_commit_callbacks() as callbacks:
        write(workspace.pk)
    assert workers.send in callbacks
