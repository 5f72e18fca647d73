"""Tests of removing the mentions of a chunk."""

from __future__ import annotations

import pytest
from django.db import transaction

from documents.models import Chunk, Workspace
from documents.workspaces import locks
from documents.workspaces.audit import Action
from graph.curation import edit
from graph.curation.edit import EntityChanges, RelationChanges
from graph.merging import prune
from graph.models import AuditEntry, Entity, Relation
from tests.graph.conftest import Ingest


def forget(workspace: Workspace, *chunks: Chunk) -> None:
    with transaction.atomic():
        locks.lock_and_invalidate(workspace.pk)
        silent = prune.remove_mentions(workspace.pk, [chunk.pk for chunk in chunks])
        prune.delete_unmentioned(workspace.pk, silent)


def test_entities_and_relations_without_mentions_are_deleted(
    ingest: Ingest, workspace: Workspace
) -> None:
    chunk = ingest(("Ada", "person", "a"), ("Ada", "Babbage", "k", "d"))
    forget(workspace, chunk)
    assert not Entity.objects.exists()
    assert not Relation.objects.exists()


def test_only_remaining_mentions_are_kept(ingest: Ingest, workspace: Workspace) -> None:
    deleted = ingest(
        ("Ada", "person", "secret"), ("Ada", "Babbage", "secret", "secret")
    )
    ingest(("Ada", "scientist", "open"), ("Babbage", "Ada", "open", "open"))
    forget(workspace, deleted)
    ada, relation = Entity.objects.get(name="Ada"), Relation.objects.get()
    assert (ada.entity_type, ada.description) == ("scientist", "open")
    assert (relation.keywords, relation.description) == ("open", "open")
    assert relation.weight == 1


def test_a_summary_of_deleted_mentions_is_invalid(
    ingest: Ingest, workspace: Workspace
) -> None:
    deleted = ingest(("Ada", "person", "secret"))
    ingest(("Ada", "person", "open"))
    entity = Entity.objects.get()
    last = entity.mentions.order_by("pk").last()
    assert last is not None
    Entity.objects.update(
        summary="secret and open", summary_upto=last.pk, summary_count=2
    )
    forget(workspace, deleted)
    entity.refresh_from_db()
    assert entity.description == "open"
    assert entity.summary == ""


@pytest.mark.parametrize("manual", [True, False])
def test_created_entities_are_kept_without_mentions(
    ingest: Ingest, workspace: Workspace, *, manual: bool
) -> None:
    chunk = ingest(("Ada", "person", "a"))
    Entity.objects.update(manual=manual)
    forget(workspace, chunk)
    assert Entity.objects.exists() is manual


def test_edits_deleted_with_the_last_document_are_recorded(
    ingest: Ingest, workspace: Workspace
) -> None:
    chunk = ingest(("Ada", "person", "a"), ("Babbage", "Byron", "k", "d"))
    edit.edit_entity(workspace.pk, "Ada", EntityChanges(description="Mine."))
    words = RelationChanges(keywords="mine")
    edit.edit_relation(workspace.pk, "Babbage", "Byron", words)
    new = EntityChanges("Countess")
    edit.edit_entity(workspace.pk, "Ada", new, allow_rename=True)
    forget(workspace, chunk)
    assert not Entity.objects.exists()
    entry = AuditEntry.objects.filter(action=Action.EDITS_LOST).latest("pk")
    assert entry.details["names"] == ["Countess", "Babbage – Byron"]


def test_edits_of_mentioned_entities_are_kept(
    ingest: Ingest, workspace: Workspace
) -> None:
    chunk = ingest(("Ada", "person", "a"))
    ingest(("Ada", "person", "b"))
    edit.edit_entity(workspace.pk, "Ada", EntityChanges(description="Mine."))
    forget(workspace, chunk)
    assert Entity.objects.get().description == "Mine."
    assert not AuditEntry.objects.filter(action=Action.EDITS_LOST).exists()


def test_the_degree_of_neighbours_is_decremented(
    ingest: Ingest, workspace: Workspace
) -> None:
    deleted = ingest(("Ada", "Babbage", "k", "d"))
    ingest(("Ada", "Byron", "k", "d"))
    forget(workspace, deleted)
    assert Entity.objects.get(name="Ada").degree == 1
