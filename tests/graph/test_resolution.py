from __future__ import annotations

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from documents.models import Workspace
from graph import fusion, resolution, sameness
from graph.models import Entity


def named(workspace: Workspace, *names: str, kind: str = "organization") -> None:
    for name in names:
        entity = Entity.objects.create(
            workspace=workspace, name=name, entity_type=kind, manual=True
        )
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO search_entity"
                " (workspace_id, entity_id, lexical, text_hash, sameness)"
                " VALUES (%s, %s, '', '', %s)",
                [workspace.pk, entity.pk, sameness.key(name)],
            )


def pairs(workspace: Workspace) -> dict[tuple[str, str], float]:
    return {
        (one.name, one.target): one.confidence
        for one in resolution.suggest(workspace.pk)
    }


def test_spellings_of_one_name_are_suggested_and_the_best_known_stays(
    workspace: Workspace,
) -> None:
    named(workspace, "beatles", "The Beatles", "BEATLES", "Stones")
    Entity.objects.filter(name="The Beatles").update(degree=5)
    found = pairs(workspace)
    assert set(found) == {("beatles", "The Beatles"), ("BEATLES", "The Beatles")}


def test_a_plural_is_less_sure_than_a_spelling(workspace: Workspace) -> None:
    named(workspace, "Statin", "Statins", "STATIN")
    found = pairs(workspace)
    assert found["STATIN", "Statin"] >= resolution.SURE > found["Statins", "Statin"]


def test_people_are_not_merged_for_a_plural(workspace: Workspace) -> None:
    named(workspace, "Roger", "Rogers", kind="person")
    assert resolution.apply(workspace.pk, 0.8) == []
    assert Entity.objects.count() == 2


def test_things_of_another_type_are_left_to_a_person(workspace: Workspace) -> None:
    named(workspace, "Apple")
    named(workspace, "apple", kind="naturalobject")
    assert pairs(workspace) == {("apple", "Apple"): 0.5}
    assert resolution.apply(workspace.pk) == []


def test_what_is_sure_is_merged_and_can_be_undone(workspace: Workspace) -> None:
    named(workspace, "Hanna-Barbera", "Hanna Barbera", "HANNA-BARBERA")
    assert len(resolution.apply(workspace.pk)) == 2
    assert [entity.name for entity in Entity.objects.all()] == ["Hanna-Barbera"]
    assert resolution.suggest(workspace.pk) == []
    again = fusion.split_entity(workspace.pk, "Hanna Barbera")
    assert again is not None
    assert again.name == "Hanna Barbera"


def test_suggesting_takes_one_statement(
    workspace: Workspace, django_assert_num_queries: object
) -> None:
    named(workspace, "A B", "a b")
    with django_assert_num_queries(1):  # type: ignore[operator]
        resolution.suggest(workspace.pk)


def test_the_command_lists_and_merges(workspace: Workspace) -> None:
    named(workspace, "Hanna-Barbera", "Hanna Barbera")
    out = StringIO()
    call_command("resolve_entities", workspace="tests", stdout=out)
    assert "0.98" in out.getvalue()
    assert Entity.objects.count() == 2
    call_command("resolve_entities", "--apply", workspace="tests", stdout=out)
    assert Entity.objects.count() == 1
    with pytest.raises(CommandError, match="no workspace"):
        call_command("resolve_entities", workspace="elsewhere")
