"""Tests of merging entities and undoing it."""

from __future__ import annotations

import pytest

from documents.models import Workspace
from documents.workspaces.audit import Action
from graph.curation import edit, entity_merge, unmerge
from graph.curation.edit import EntityChanges, RelationChanges
from graph.errors import SelfMerge, UnknownEntity
from graph.models import AuditEntry, Entity, EntityAlias, Relation
from tests.graph.conftest import Ingest


def snapshot(workspace: Workspace) -> object:
    entities = Entity.objects.filter(workspace=workspace).order_by("name")
    relations = Relation.objects.filter(workspace=workspace)
    return (
        list(entities.values_list("name", "entity_type", "description", "degree")),
        sorted(
            (*sorted((r.source.name, r.target.name)), r.description, r.weight)
            for r in relations.select_related("source", "target")
        ),
    )


def test_relations_are_moved_and_parallel_ones_combined(
    ingest: Ingest, workspace: Workspace
) -> None:
    ingest(("A. Lovelace", "Babbage", "k1", "one"))
    ingest(("Ada Lovelace", "Babbage", "k2", "two"))
    entity_merge.merge_entities(workspace.pk, ["A. Lovelace"], "Ada Lovelace")
    relation = Relation.objects.get()
    assert relation.description == "one<SEP>two"
    assert relation.weight == 2
    assert Entity.objects.get(name="Babbage").degree == 1


def test_a_relation_between_merged_entities_is_deleted(
    ingest: Ingest, workspace: Workspace
) -> None:
    ingest(("Ada", "Ada Lovelace", "same", "The same."))
    entity_merge.merge_entities(workspace.pk, ["Ada"], "Ada Lovelace")
    assert not Relation.objects.exists()
    assert Entity.objects.get().degree == 0


def test_later_documents_use_the_target(ingest: Ingest, workspace: Workspace) -> None:
    ingest(("Ada", "person", "a"))
    ingest(("Ada Lovelace", "person", "b"))
    entity_merge.merge_entities(workspace.pk, ["Ada"], "Ada Lovelace")
    ingest(("Ada", "person", "c"))
    assert Entity.objects.get().description == "a<SEP>b<SEP>c"


def test_a_missing_target_is_created(ingest: Ingest, workspace: Workspace) -> None:
    ingest(("Ada", "person", "a"))
    ingest(("Lovelace", "person", "b"))
    entity_merge.merge_entities(workspace.pk, ["Ada", "Lovelace"], "Ada Lovelace")
    assert Entity.objects.get().name == "Ada Lovelace"
    assert EntityAlias.objects.count() == 2


def test_a_target_may_be_an_alias(ingest: Ingest, workspace: Workspace) -> None:
    ingest(("Ada", "person", "a"), ("Babbage", "person", "b"))
    new = EntityChanges("Lovelace")
    edit.edit_entity(workspace.pk, "Ada", new, allow_rename=True)
    entity_merge.merge_entities(workspace.pk, ["Babbage"], "Ada")
    assert Entity.objects.get().name == "Lovelace"
    assert Entity.objects.get().description == "a<SEP>b"


def test_an_entity_can_be_merged_into_its_own_alias(
    ingest: Ingest, workspace: Workspace
) -> None:
    ingest(("Ada", "person", "a"))
    new = EntityChanges("Lovelace")
    edit.edit_entity(workspace.pk, "Ada", new, allow_rename=True)
    entity_merge.merge_entities(workspace.pk, ["Lovelace"], "Ada")
    ingest(("Lovelace", "person", "b"), ("Ada", "person", "c"))
    assert Entity.objects.get().name == "Ada"
    assert Entity.objects.get().description == "a<SEP>b<SEP>c"


def test_an_edited_type_is_kept_by_the_merge_and_restored(
    ingest: Ingest, workspace: Workspace
) -> None:
    ingest(("Ada", "person", "a"), ("Lovelace", "thing", "b"))
    changes = EntityChanges(entity_type="mathematician")
    edit.edit_entity(workspace.pk, "Ada", changes)
    before = snapshot(workspace)
    entity_merge.merge_entities(workspace.pk, ["Ada"], "Lovelace")
    assert Entity.objects.get().entity_type == "mathematician"
    unmerge.split_entity(workspace.pk, "Ada")
    assert snapshot(workspace) == before


def test_an_unknown_source_changes_nothing(
    ingest: Ingest, workspace: Workspace
) -> None:
    ingest(("Ada", "person", "a"))
    before = snapshot(workspace)
    with pytest.raises(UnknownEntity):
        entity_merge.merge_entities(workspace.pk, ["Ada", "Nobody"], "Ada Lovelace")
    assert snapshot(workspace) == before


def test_an_entity_is_not_merged_into_itself(
    ingest: Ingest, workspace: Workspace
) -> None:
    ingest(("Ada", "person", "a"))
    with pytest.raises(SelfMerge, match="'Ada' can't be merged into itself"):
        entity_merge.merge_entities(workspace.pk, ["Ada"], "Ada")
    merges = AuditEntry.objects.filter(action=Action.ENTITY_MERGE, target="Ada")
    assert not merges.exists()


def test_separating_undoes_a_merge(ingest: Ingest, workspace: Workspace) -> None:
    ingest(("Ada", "person", "a"), ("Ada", "Babbage", "k", "d"))
    ingest(("Lovelace", "person", "b"), ("Lovelace", "Ada", "k", "same"))
    ingest(("Lovelace", "Babbage", "k", "e"))
    before = snapshot(workspace)
    entity_merge.merge_entities(workspace.pk, ["Ada"], "Lovelace")
    assert snapshot(workspace) != before
    unmerge.split_entity(workspace.pk, "Ada")
    assert snapshot(workspace) == before


def test_edits_of_a_relation_are_kept_beside_other_mentions(
    ingest: Ingest, workspace: Workspace
) -> None:
    ingest(("Ada", "Babbage", "k1", "one"), ("Lovelace", "Babbage", "k2", "two"))
    changes = RelationChanges("Mine.", "my")
    edit.edit_relation(workspace.pk, "Ada", "Babbage", changes)
    entity_merge.merge_entities(workspace.pk, ["Ada"], "Lovelace")
    relation = Relation.objects.get()
    assert relation.description == "Mine.<SEP>two"
    assert relation.keywords == "k2,my"
