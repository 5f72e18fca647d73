"""`entities/`, `relations/` and their mentions."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from documents.models import Workspace
from graph.models import Entity, EntityAlias, Relation
from tests.compat_api.rest.conftest import HOME, results
from tests.library import Library

ENTITIES = f"{HOME}entities/"
RELATIONS = f"{HOME}relations/"


def names(answer: Any) -> list[str]:
    return [row["name"] for row in results(answer)]


def test_entities_are_listed_ordered_and_filtered(
    client: APIClient, shelf: Library
) -> None:
    Entity.objects.filter(pk=shelf.babbage.pk).update(degree=2)
    assert names(client.get(ENTITIES)) == ["Ada", "Babbage", "Countess"]
    assert names(client.get(ENTITIES, {"ordering": "-degree"}))[0] == "Babbage"
    assert names(client.get(ENTITIES, {"ordering": "-name"}))[0] == "Countess"
    assert names(client.get(ENTITIES, {"degree_min": 2})) == ["Babbage"]
    assert names(client.get(ENTITIES, {"name_contains": "AD"})) == ["Ada"]
    assert names(client.get(ENTITIES, {"manual": "true"})) == []
    assert len(names(client.get(ENTITIES, {"manual": "false"}))) == 3
    assert client.get(ENTITIES, {"manual": "perhaps"}).status_code == 400
    filters = {"document": shelf.document.public_id}
    assert len(names(client.get(ENTITIES, filters))) == 3
    assert names(client.get(ENTITIES, {"document": "doc-other"})) == []


def test_entity_is_created_changed_and_deleted(client: APIClient) -> None:
    body = {"name": " Ada ", "entity_type": "Person", "description": "A countess."}
    created = client.post(ENTITIES, body, format="json")
    assert created.status_code == 201, created.content
    assert (created.json()["name"], created.json()["manual"]) == ("Ada", True)
    url = created["Location"]
    changed = client.patch(url, {"name": "Ada Lovelace"}, format="json")
    assert changed.json()["name"] == "Ada Lovelace"
    assert changed.json()["aliases"] == ["Ada"]
    assert changed.json()["description"] == "A countess."
    assert client.delete(url).status_code == 204
    assert client.get(url).status_code == 404


@pytest.mark.parametrize(
    ("body", "status", "field"),
    [
        ({"name": "Ada", "description": "Again."}, 409, "detail"),
        ({"name": "<br>", "description": "Nobody."}, 400, "name"),
        ({"name": "New"}, 400, "description"),
        ({"name": "New", "description": "  "}, 400, "description"),
        ({"name": "x" * 257, "description": "Long."}, 400, "name"),
        ([], 400, "non_field_errors"),
    ],
)
def test_invalid_entity_is_refused_by_field(
    client: APIClient, shelf: Library, body: Any, status: int, field: str
) -> None:
    answer = client.post(ENTITIES, body, format="json")
    assert answer.status_code == status
    assert field in answer.json()
    assert Entity.objects.count() == 3


def test_invalid_json_is_refused(client: APIClient) -> None:
    answer = client.post(ENTITIES, "{", content_type="application/json")
    assert answer.status_code == 400
    assert "JSON parse error" in answer.json()["detail"]


def test_entities_are_merged(client: APIClient, shelf: Library) -> None:
    url = f"{ENTITIES}{shelf.ada.pk}/"
    body = {"names": ["Countess"]}
    merged = client.post(f"{url}merge/", body, format="json")
    assert merged.status_code == 200, merged.content
    assert merged.json()["aliases"] == ["Countess"]
    assert EntityAlias.objects.get().entity_id == shelf.ada.pk
    again = client.post(f"{url}merge/", {"names": ["Nobody"]}, format="json")
    assert again.status_code == 400


def test_rename_to_an_existing_name_is_a_conflict(
    client: APIClient, shelf: Library
) -> None:
    answer = client.patch(
        f"{ENTITIES}{shelf.ada.pk}/", {"name": "Babbage"}, format="json"
    )
    assert answer.status_code == 409
    assert Entity.objects.filter(name="Ada").exists()


def test_relations_are_filtered_by_entity_and_document(
    client: APIClient, shelf: Library
) -> None:
    assert len(results(client.get(RELATIONS))) == 2
    of_ada = results(client.get(RELATIONS, {"entity": shelf.ada.pk}))
    assert [(row["source"], row["target"]) for row in of_ada] == [("Ada", "Babbage")]
    rows = results(client.get(RELATIONS, {"document": shelf.document.public_id}))
    assert [row["id"] for row in rows] == [shelf.knows.pk]
    assert client.get(RELATIONS, {"entity": "Ada"}).status_code == 400


def test_relation_is_created_changed_and_deleted(
    client: APIClient, shelf: Library
) -> None:
    body = {"source": "Countess", "target": "Ada", "description": "The same."}
    created = client.post(RELATIONS, body, format="json")
    assert created.status_code == 201, created.content
    url = created["Location"]
    changed = client.patch(url, {"keywords": "identity", "weight": 2}, format="json")
    assert (changed.json()["keywords"], changed.json()["weight"]) == ("identity", 2)
    assert client.post(RELATIONS, body, format="json").status_code == 409
    assert client.delete(url).status_code == 204
    assert Relation.objects.count() == 2


def test_relation_to_an_unknown_entity_is_refused(
    client: APIClient, shelf: Library
) -> None:
    body = {"source": "Nobody", "target": "Ada", "description": "?"}
    answer = client.post(RELATIONS, body, format="json")
    assert answer.status_code == 400
    assert answer.json() == {"detail": "Entity 'Nobody' not found."}


def test_mentions_name_their_chunk(client: APIClient, shelf: Library) -> None:
    mentions = results(client.get(f"{ENTITIES}{shelf.ada.pk}/mentions/"))
    assert mentions[0]["chunk"] == shelf.chunk.public_id
    assert mentions[0]["mentioned_name"] == "Ada"
    assert mentions[0]["said_name"] == "Ada"  # its name in version 0.1.0
    related = results(client.get(f"{RELATIONS}{shelf.knows.pk}/mentions/"))
    assert related[0]["document"] == shelf.document.public_id
    chunk = f"{HOME}chunks/{shelf.chunk.public_id}/"
    assert client.get(chunk).json()["content"] == shelf.chunk.content
    assert len(results(client.get(f"{chunk}entity-mentions/"))) == 3
    assert len(results(client.get(f"{chunk}relation-mentions/"))) == 1
    assert client.get(f"{ENTITIES}999999/mentions/").status_code == 404


@pytest.mark.parametrize(
    "address", ["none", "a-chunk-", "-chunk-9999999999", "a-chunk-²"]
)
def test_invalid_chunk_id_is_not_found(
    client: APIClient, shelf: Library, address: str
) -> None:
    assert client.get(f"{HOME}chunks/{address}/").status_code == 404


def test_the_number_of_queries_does_not_grow_with_the_rows(
    client: APIClient,
    workspace: Workspace,
    shelf: Library,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(4):
        assert len(names(client.get(ENTITIES))) == 3
    with django_assert_num_queries(3):
        assert len(results(client.get(RELATIONS))) == 2
    with django_assert_num_queries(4):
        client.get(f"{ENTITIES}{shelf.ada.pk}/mentions/")
    with django_assert_num_queries(4):
        client.get(f"{HOME}chunks/{shelf.chunk.public_id}/entity-mentions/")


def test_degree_must_be_an_integer(client: APIClient, shelf: Library) -> None:
    answer = client.get(f"{HOME}entities/", {"degree_min": "0.5"})
    assert answer.status_code == 400
    assert "degree_min" in answer.json()
