from __future__ import annotations

import pytest

from documents.models import Workspace
from graph.curation import entity_merge, merge_preview
from graph.errors import UnknownEntity
from graph.models import SEPARATOR, Entity, EntityAlias, Relation
from tests.graph.conftest import Say


def test_what_is_foreseen_is_what_a_merge_makes_and_nothing_has_changed(
    workspace: Workspace, say: Say
) -> None:
    say(
        ("Ada", "person", "Wrote notes."),
        ("Engine", "thing", "A machine."),
        ("Ada", "Engine", "notes", "She wrote of it."),
    )
    say(
        ("Countess", "person", "A countess."),
        ("Ada", "person", "Wrote notes."),
        ("Countess", "Ada", "same", "They are one."),
    )
    found = merge_preview.merge(workspace.pk, ["Countess"], "Ada")
    assert Entity.objects.filter(name="Countess").exists()
    assert not EntityAlias.objects.exists()
    assert Relation.objects.count() == 2

    merged = entity_merge.merge_entities(workspace.pk, ["Countess"], "Ada")
    assert (found.name, found.entity_type) == ("Ada", merged.entity_type)
    assert SEPARATOR.join(found.fragments) == merged.description
    assert found.aliases == ("Countess",)
    assert (found.passages, found.relations, found.vanishing) == (2, 1, 1)


def test_what_cannot_be_merged_is_not_foreseen(workspace: Workspace, say: Say) -> None:
    say(("Ada", "person", "Wrote notes."))
    with pytest.raises(UnknownEntity):
        merge_preview.merge(workspace.pk, ["Nobody"], "Ada")
