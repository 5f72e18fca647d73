"""Tests that the undo of a merge restores all edits."""

from __future__ import annotations

from typing import Any

from documents.models import Workspace
from graph.curation import edit, entity_merge, unmerge
from graph.curation.edit import EntityChanges, RelationChanges
from graph.models import Entity, EntityMention
from tests.graph.conftest import Ingest


def everything(workspace: Workspace) -> Any:
    """Return all values of entities, relations and mentions that users can see."""
    return (
        list(
            workspace.entities.order_by("name").values_list(
                *("name", "entity_type", "description", "degree", "manual"),
                "edited_description",
            )
        ),
        list(
            workspace.relations.order_by("description").values_list(
                *("description", "keywords", "weight", "manual", "edited_weight"),
            )
        ),
        sorted(
            EntityMention.objects.filter(entity__workspace=workspace).values_list(
                "entity__name", "mentioned_name", "chunk"
            )
        ),
    )


def edited_library(ingest: Ingest, workspace: Workspace) -> None:
    ingest(("Ada", "person", "a"), ("Ada", "Babbage", "k1", "one"))
    ingest(("Lovelace", "person", "b"), ("Lovelace", "Babbage", "k2", "two"))
    edit.edit_entity(workspace.pk, "Ada", EntityChanges(description="A's."))
    edit.edit_entity(workspace.pk, "Lovelace", EntityChanges(description="L's."))
    words = RelationChanges("Mine.", "my", 7.0)
    edit.edit_relation(workspace.pk, "Ada", "Babbage", words)
    edit.create_entity(workspace.pk, "Byron", EntityChanges(description="Made."))
    edit.create_relation(workspace.pk, "Ada", "Byron", RelationChanges("Made."))


def test_undo_restores_the_edits_of_both(ingest: Ingest, workspace: Workspace) -> None:
    edited_library(ingest, workspace)
    before = everything(workspace)
    entity_merge.merge_entities(workspace.pk, ["Ada"], "Lovelace")
    merged = Entity.objects.get(name="Lovelace")
    assert merged.description == "L's.<SEP>A's."
    unmerge.split_entity(workspace.pk, "Ada")
    assert everything(workspace) == before


def test_several_merges_are_undone_in_any_order(
    ingest: Ingest, workspace: Workspace
) -> None:
    edited_library(ingest, workspace)
    ingest(("Countess", "person", "c"), ("Countess", "Babbage", "k3", "three"))
    edit.edit_entity(workspace.pk, "Countess", EntityChanges(description="C's."))
    before = everything(workspace)
    for name in ("Ada", "Countess"):
        entity_merge.merge_entities(workspace.pk, [name], "Lovelace")
    for name in ("Ada", "Countess"):
        unmerge.split_entity(workspace.pk, name)
    assert everything(workspace) == before


def test_later_edits_are_kept(ingest: Ingest, workspace: Workspace) -> None:
    edited_library(ingest, workspace)
    entity_merge.merge_entities(workspace.pk, ["Ada"], "Lovelace")
    edit.edit_entity(workspace.pk, "Lovelace", EntityChanges(description="Later."))
    unmerge.split_entity(workspace.pk, "Ada")
    assert Entity.objects.get(name="Lovelace").description == "Later."
    assert Entity.objects.get(name="Ada").description == "A's."


def test_undo_of_a_rename_restores_the_name(
    ingest: Ingest, workspace: Workspace
) -> None:
    edited_library(ingest, workspace)
    before = everything(workspace)
    new = EntityChanges("Ada King")
    edit.edit_entity(workspace.pk, "Ada", new, allow_rename=True)
    unmerge.split_entity(workspace.pk, "Ada")
    assert everything(workspace) == before
    assert not workspace.aliases.exists()


def test_mentions_do_not_become_edits(ingest: Ingest, workspace: Workspace) -> None:
    ingest(("Ada", "person", "said"))
    ingest(("Lovelace", "person", "said too"))
    edit.edit_entity(workspace.pk, "Ada", EntityChanges(description="Mine."))
    entity_merge.merge_entities(workspace.pk, ["Ada"], "Lovelace")
    merged = Entity.objects.get()
    assert merged.description == "Mine.<SEP>said too"
    assert merged.edited_description == "Mine."
    ingest(("Lovelace", "person", "said later"), ("Ada", "person", "not heard"))
    merged.refresh_from_db()
    assert merged.description == "Mine.<SEP>said too<SEP>said later"
