"""Tests of the preview of a merge."""

from __future__ import annotations

import pytest

from documents.models import Workspace
from graph.curation import entity_merge, merge_preview
from graph.errors import UnknownEntity
from graph.models import SEPARATOR, Entity, EntityAlias, Relation
from tests.graph.conftest import Ingest


def test_preview_equals_the_merge_and_changes_nothing(
    workspace: Workspace, ingest: Ingest
) -> None:
    ingest(
        ("Ada", "person", "Wrote notes."),
        ("Engine", "thing", "A machine."),
        ("Ada", "Engine", "notes", "She wrote of it."),
    )
    ingest(
        ("Countess", "person", "A countess."),
        ("Ada", "person", "Wrote notes."),
        ("Countess", "Ada", "same", "They are one."),
    )
    preview = merge_preview.preview(workspace.pk, ["Countess"], "Ada")
    assert Entity.objects.filter(name="Countess").exists()
    assert not EntityAlias.objects.exists()
    assert Relation.objects.count() == 2

    merged = entity_merge.merge_entities(workspace.pk, ["Countess"], "Ada")
    assert (preview.name, preview.entity_type) == ("Ada", merged.entity_type)
    assert SEPARATOR.join(preview.fragments) == merged.description
    assert preview.aliases == ("Countess",)
    assert (preview.chunks, preview.relations, preview.dropped_relations) == (2, 1, 1)


def test_preview_of_an_impossible_merge_fails(
    workspace: Workspace, ingest: Ingest
) -> None:
    ingest(("Ada", "person", "Wrote notes."))
    with pytest.raises(UnknownEntity):
        merge_preview.preview(workspace.pk, ["Nobody"], "Ada")
