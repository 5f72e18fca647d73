"""Tests of the admin page of duplicates."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from documents.models import Workspace
from graph.admin import pairs
from graph.curation import duplicates, edit
from graph.models import Entity, EntityAlias
from retrieval.index import name_key

ROW = """
INSERT INTO search_entity (index_id, entity_id, lexical, text_hash, name_key)
VALUES (%s, %s, '', '', %s)
ON CONFLICT (index_id, entity_id) DO UPDATE SET name_key = excluded.name_key
"""
NAMES = ("Solar Panel", "solar panel", "Wind Turbine", "Wind Turbines", "Dam")


@pytest.fixture
def suggestions(workspace: Workspace) -> Workspace:
    """Create two pairs of likely duplicates, and one entity without a duplicate."""
    changes = edit.EntityChanges(entity_type="thing", description="A thing.")
    for name in NAMES:
        entity = edit.create_entity(workspace.pk, name, changes)
        with connection.cursor() as cursor:
            cursor.execute(ROW, [workspace.search_index, entity.pk, name_key.key(name)])
    return workspace


def address(workspace: Workspace) -> str:
    return f"{reverse('admin:graph_duplicates')}?workspace={workspace.pk}"


def pair(other: str, target: str) -> str:
    ids = {e.name: e.pk for e in Entity.objects.filter(name__in=(other, target))}
    return f"{ids[other]}:{ids[target]}"


def send(client: Client, workspace: Workspace, **values: object) -> Any:
    data = {"workspace": workspace.pk, **values}
    return client.post(address(workspace), data, follow=True)


def test_suggestions_are_listed_by_confidence(
    suggestions: Workspace,
    admin_client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_max_num_queries(9):
        listed = admin_client.get(address(suggestions)).context["found"]
    rows = [
        (suggestion.other.name, suggestion.kept.name, suggestion.percent)
        for suggestion in listed.pairs
    ]
    assert [suggestion[2] for suggestion in rows] == [98, 85]
    assert {frozenset(suggestion[:2]) for suggestion in rows} == {
        frozenset(NAMES[:2]),
        frozenset(NAMES[2:4]),
    }


def test_selected_pairs_are_merged_after_confirmation_and_separated_again(
    suggestions: Workspace, admin_client: Client
) -> None:
    values = [pair(NAMES[1], NAMES[0]), pair(NAMES[3], NAMES[2])]
    confirmation = send(admin_client, suggestions, pair=values)
    assert Entity.objects.count() == len(NAMES)
    assert "Wind Turbines → " in confirmation.content.decode()
    send(admin_client, suggestions, pair=values, confirm="yes")
    assert EntityAlias.objects.get(name=NAMES[1]).entity.name == NAMES[0]
    assert Entity.objects.count() == len(NAMES) - 2
    page = admin_client.get(address(suggestions)).content.decode()
    assert "Recent merges and renames" in page
    send(admin_client, suggestions, undo=NAMES[1])
    assert Entity.objects.filter(name=NAMES[1]).exists()
    assert all(
        NAMES[1] != suggestion.name for suggestion in duplicates.suggest(suggestions.pk)
    )


def test_a_pair_marked_as_different_is_not_suggested_again(
    suggestions: Workspace, admin_client: Client
) -> None:
    send(admin_client, suggestions, distinct=pair(NAMES[1], NAMES[0]))
    remaining = [
        {suggestion.name, suggestion.target}
        for suggestion in duplicates.suggest(suggestions.pk)
    ]
    assert remaining == [{NAMES[2], NAMES[3]}]


def test_chained_pairs_become_one_entity() -> None:
    a, b, c = (Entity(pk=n, name=name) for n, name in enumerate("abc"))
    chain = [pairs.Pair(kept=b, other=a), pairs.Pair(kept=c, other=b)]
    assert pairs.by_target(chain) == {"c": ["a", "b"]}


@pytest.mark.parametrize(
    "values",
    [{"pair": ["x:y", "1:", "0:0"]}, {"distinct": "1:999999"}, {"undo": "Nobody"}, {}],
)
def test_unknown_pairs_change_nothing(
    suggestions: Workspace, admin_client: Client, values: dict[str, object]
) -> None:
    answer = send(admin_client, suggestions, **values)
    assert answer.status_code == 200
    assert Entity.objects.count() == len(NAMES)


def test_merging_needs_the_permission_to_change(
    suggestions: Workspace, client: Client
) -> None:
    reader = User.objects.create_user("reader", is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_entity"))
    client.force_login(reader)
    page = client.get(address(suggestions)).content.decode()
    assert "Solar Panel" in page
    assert "Merge selected" not in page
    assert send(client, suggestions, pair=[]).status_code == 403


def test_a_server_without_workspaces_has_no_duplicates(
    db: None, admin_client: Client
) -> None:
    page = admin_client.get(reverse("admin:graph_duplicates")).content.decode()
    assert "No duplicates found." in page
