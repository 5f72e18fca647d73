"""Tests of suggested duplicates."""

from __future__ import annotations

from dataclasses import replace
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from pytest_django import Settings

from documents.models import Chunk, Document, Workspace
from graph.curation import duplicates, unmerge
from graph.models import Entity, EntityMention
from retrieval.index import name_key


def named(workspace: Workspace, *names: str, kind: str = "organization") -> None:
    for name in names:
        entity = Entity.objects.create(
            workspace=workspace, name=name, entity_type=kind, manual=True
        )
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO search_entity"
                " (index_id, entity_id, lexical, text_hash, name_key)"
                " VALUES (%s, %s, '', '', %s)",
                [workspace.search_index, entity.pk, name_key.key(name)],
            )


def pairs(workspace: Workspace) -> dict[tuple[str, str], float]:
    return {
        (suggestion.name, suggestion.target): suggestion.confidence
        for suggestion in duplicates.suggest(workspace.pk)
    }


def test_spellings_are_suggested_and_the_highest_degree_is_kept(
    workspace: Workspace,
) -> None:
    named(workspace, "beatles", "The Beatles", "BEATLES", "Stones")
    Entity.objects.filter(name="The Beatles").update(degree=5)
    suggested = pairs(workspace)
    assert set(suggested) == {("beatles", "The Beatles"), ("BEATLES", "The Beatles")}


def test_a_plural_has_less_confidence_than_a_spelling(workspace: Workspace) -> None:
    named(workspace, "Statin", "Statins", "STATIN")
    suggested = pairs(workspace)
    assert (
        suggested["STATIN", "Statin"]
        >= duplicates.SURE
        > suggested["Statins", "Statin"]
    )


def test_persons_are_not_merged_because_of_a_plural(workspace: Workspace) -> None:
    named(workspace, "Roger", "Rogers", kind="person")
    assert duplicates.apply(workspace.pk, 0.8) == []
    assert Entity.objects.count() == 2


def test_different_types_are_not_merged_automatically(workspace: Workspace) -> None:
    named(workspace, "Apple")
    named(workspace, "apple", kind="naturalobject")
    assert pairs(workspace) == {("apple", "Apple"): 0.5}
    assert duplicates.apply(workspace.pk) == []


def test_confident_suggestions_are_merged_and_can_be_undone(
    workspace: Workspace,
) -> None:
    named(workspace, "Hanna-Barbera", "Hanna Barbera", "HANNA-BARBERA")
    assert len(duplicates.apply(workspace.pk)) == 2
    assert [entity.name for entity in Entity.objects.all()] == ["Hanna-Barbera"]
    assert duplicates.suggest(workspace.pk) == []
    again = unmerge.split_entity(workspace.pk, "Hanna Barbera")
    assert again is not None
    assert again.name == "Hanna Barbera"


def test_suggestions_take_four_statements(
    workspace: Workspace, django_assert_num_queries: object
) -> None:
    named(workspace, "A B", "a b")
    with django_assert_num_queries(4):  # type: ignore[operator]
        duplicates.suggest(workspace.pk)


def test_command_lists_and_merges(workspace: Workspace) -> None:
    named(workspace, "Hanna-Barbera", "Hanna Barbera")
    out = StringIO()
    call_command("resolve_entities", workspace="tests", stdout=out)
    assert "0.98" in out.getvalue()
    assert Entity.objects.count() == 2
    call_command("resolve_entities", "--apply", workspace="tests", stdout=out)
    assert Entity.objects.count() == 1
    with pytest.raises(CommandError, match="Workspace not found: elsewhere"):
        call_command("resolve_entities", workspace="elsewhere")


def add_chunk(workspace: Workspace, text: str, **kinds: str) -> None:
    """Create a chunk that mentions entities; in their names `_` is a space."""
    document = Document.objects.create(
        workspace=workspace, public_id=f"doc-{text}", name=f"{text}.txt", track_id="t"
    )
    chunk = Chunk.objects.create(
        workspace=workspace, document=document, order=0, content=text, tokens=1
    )
    for name, kind in kinds.items():
        name = name.replace("_", " ")
        if not Entity.objects.filter(workspace=workspace, name=name).exists():
            named(workspace, name, kind=kind)
        entity = Entity.objects.get(workspace=workspace, name=name)
        EntityMention.objects.create(
            entity=entity, chunk=chunk, mentioned_name=name, entity_type=kind
        )


ORGANIZATION = "organization"


def test_an_abbreviation_explained_by_a_chunk_has_high_confidence(
    workspace: Workspace,
) -> None:
    text = "The World Health Organization ( WHO, Geneva) said so."
    add_chunk(workspace, text, World_Health_Organization=ORGANIZATION, WHO=ORGANIZATION)
    suggested = pairs(workspace)
    assert suggested == {("WHO", "World Health Organization"): 0.97}


def test_an_unexplained_abbreviation_is_not_suggested(
    workspace: Workspace,
) -> None:
    text = "WHO is who? The World Health Organization."
    add_chunk(workspace, text, World_Health_Organization=ORGANIZATION, WHO=ORGANIZATION)
    assert pairs(workspace) == {}


def test_a_name_in_another_script_is_not_merged_automatically(
    workspace: Workspace,
) -> None:
    text = "世界衛生組織（World Health Organization）說。"
    kinds = {"世界衛生組織": ORGANIZATION, "World_Health_Organization": ORGANIZATION}
    add_chunk(workspace, text, **kinds)
    assert pairs(workspace) == {("World Health Organization", "世界衛生組織"): 0.9}
    assert duplicates.apply(workspace.pk) == []


def test_other_text_in_brackets_is_not_suggested(workspace: Workspace) -> None:
    add_chunk(workspace, "Paris (France) is old.", Paris="location", France="location")
    add_chunk(workspace, "Pluto (NASA) is far.", Pluto="location", NASA="organization")
    add_chunk(
        workspace, "iPhone 12 (iPhone 13)", iPhone_12="product", iPhone_13="product"
    )
    assert pairs(workspace) == {}


def test_persons_are_not_merged_because_of_initials(workspace: Workspace) -> None:
    text = "John Fitzgerald Kennedy (JFK) spoke."
    add_chunk(workspace, text, John_Fitzgerald_Kennedy="person", JFK="person")
    assert pairs(workspace) == {("JFK", "John Fitzgerald Kennedy"): 0.8}


def test_separated_names_are_not_suggested_again(
    workspace: Workspace, settings: Settings
) -> None:
    ingest = replace(settings.LIGHTRAG.ingest, resolve_above=0.95)
    assert duplicates.apply_configured(workspace.pk) is False
    settings.LIGHTRAG = replace(settings.LIGHTRAG, ingest=ingest)
    text = "World Health Organization (WHO)"
    add_chunk(workspace, text, World_Health_Organization=ORGANIZATION, WHO=ORGANIZATION)
    assert duplicates.apply_configured(workspace.pk) is True
    assert unmerge.split_entity(workspace.pk, "WHO")
    assert duplicates.apply_configured(workspace.pk) is False
