from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from graph.models import Entity, EntityAlias, Relation
from tests.library import Library

JSON = "application/json"


def names(part: dict[str, Any]) -> set[str]:
    return {name for _, name, *_ in part["nodes"]}


def test_the_neighborhood_of_an_entity_is_returned(
    browser: Client, library: Library
) -> None:
    part = browser.post("/webui/graph/data", {"label": "Ada"}, JSON).json()
    assert names(part) >= {"Ada", "Babbage"}
    assert part["edges"][0][:2] == [library.ada.pk, library.babbage.pk]
    assert part["truncated"] is False


def test_a_new_part_includes_edges_to_shown_entities(
    browser: Client, library: Library
) -> None:
    body = {"label": "Countess", "depth": 1, "nodes": 1}
    alone = browser.post("/webui/graph/data", body, JSON).json()
    assert alone["edges"] == []
    beside = browser.post(
        "/webui/graph/data", body | {"shown": [library.babbage.pk]}, JSON
    ).json()
    assert names(beside) == {"Countess"}
    assert len(beside["edges"]) == 1


def test_a_part_is_filtered_by_types_and_documents(
    browser: Client, library: Library
) -> None:
    body = {"label": "*", "types": ["Place"]}
    assert browser.post("/webui/graph/data", body, JSON).json()["nodes"] == []
    body = {"label": "*", "documents": [library.document.public_id]}
    assert "Ada" in names(browser.post("/webui/graph/data", body, JSON).json())


def test_documents_are_suggested(browser: Client, library: Library) -> None:
    suggestions = browser.get("/webui/graph/documents", {"q": "processed"}).json()
    assert suggestions["documents"][0]["id"] == library.document.public_id
    assert (
        browser.get("/webui/graph/documents", {"q": "nothing"}).json()["documents"]
        == []
    )


def test_the_shortest_path_is_returned(browser: Client, library: Library) -> None:
    ends = {"source": "Ada", "target": "Countess"}
    part = browser.post("/webui/graph/path", ends, JSON).json()
    assert part["path"] == [library.ada.pk, library.babbage.pk, library.countess.pk]
    assert len(part["edges"]) == 2


def test_a_relation_is_shown_with_its_chunks(browser: Client, library: Library) -> None:
    ends = {"source": "Babbage", "target": "Ada"}
    text = browser.get("/webui/graph/relation", ends).content.decode()
    assert f"/webui/documents/{library.document.public_id}/?chunk=0#chunk-0" in text
    assert "<mark>Ada</mark>" in text
    nothing = {"source": "Ada", "target": "Countess"}
    assert browser.get("/webui/graph/relation", nothing).status_code == 404


def test_names_are_suggested(browser: Client, library: Library) -> None:
    assert browser.get("/webui/graph/search", {"q": "bab"}).json()["names"] == [
        "Babbage"
    ]
    assert "Ada" in browser.get("/webui/graph/search").json()["names"]


def test_an_entity_is_marked_in_its_chunks(browser: Client, library: Library) -> None:
    text = browser.get("/webui/graph/entity", {"name": "Ada"}).content.decode()
    assert "<mark>Ada</mark>" in text
    assert 'data-entity="Babbage"' in text


def test_an_unknown_entity_is_not_found(browser: Client, library: Library) -> None:
    assert browser.get("/webui/graph/entity", {"name": "Nobody"}).status_code == 404


def change(**values: object) -> dict[str, object]:
    return {"entity_type": "Person", "description": "A person.", **values}


def test_a_renamed_entity_keeps_its_old_name(browser: Client, library: Library) -> None:
    body = change(name="Ada", new_name="Ada Lovelace")
    answer = browser.post("/webui/graph/change", body, "application/json")
    assert answer.json()["name"] == "Ada Lovelace"
    assert EntityAlias.objects.get(name="Ada").entity_id == library.ada.pk


def test_a_taken_name_merges_only_if_requested(
    browser: Client, library: Library
) -> None:
    body = change(name="Countess Ada", new_name="Ada")
    body["name"] = library.countess.name
    refused = browser.post("/webui/graph/change", body, "application/json")
    assert refused.status_code == 409
    merged = browser.post(
        "/webui/graph/change", body | {"merge": True}, "application/json"
    )
    assert merged.json()["name"] == "Ada"
    assert not Entity.objects.filter(pk=library.countess.pk).exists()


def test_an_entity_is_merged_into_one_that_exists(
    browser: Client, library: Library
) -> None:
    body = {"name": library.countess.name, "into": "Nobody"}
    assert (
        browser.post("/webui/graph/merge", body, "application/json").status_code == 400
    )
    body["into"] = "Ada"
    merged = browser.post("/webui/graph/merge", body, "application/json")
    assert merged.json()["name"] == "Ada"


def test_an_entity_is_deleted(browser: Client, library: Library) -> None:
    browser.post("/webui/graph/delete", {"name": "Babbage"}, "application/json")
    assert not Entity.objects.filter(name="Babbage").exists()


def test_a_merge_is_previewed_done_and_undone(
    browser: Client, library: Library
) -> None:
    both = {"name": "Countess", "into": "Ada"}
    text = browser.get("/webui/graph/merge-preview", both).content.decode()
    assert "Countess is a person." in text
    assert Entity.objects.filter(name="Countess").exists()
    merged = browser.post("/webui/graph/merge", both, JSON).json()
    assert merged["undo"] == "Countess"
    browser.post("/webui/graph/unmerge", {"name": "Countess"}, JSON)
    assert not EntityAlias.objects.exists()


def test_entities_and_relations_are_created_and_changed(
    browser: Client, library: Library
) -> None:
    new = {
        "name": "Turing",
        "entity_type": "person",
        "description": "Wrote of machines.",
    }
    assert browser.post("/webui/graph/create", new, JSON).json()["name"] == "Turing"
    assert browser.post("/webui/graph/create", new, JSON).status_code == 409
    ends = {"source": "Turing", "target": "Ada"}
    words = {"description": "He read her notes.", "keywords": "notes"}
    relation: dict[str, Any] = ends | words
    assert browser.post("/webui/graph/relate", relation, JSON).status_code == 200
    relation |= {"description": "He quoted her.", "weight": 2.5}
    browser.post("/webui/graph/relation/change", relation, JSON)
    assert Relation.objects.get(description="He quoted her.").weight == 2.5
    browser.post("/webui/graph/relation/delete", ends, JSON)
    assert not Relation.objects.filter(description="He quoted her.").exists()


def test_a_cypher_result_is_a_table_and_a_part_of_the_graph(
    browser: Client, library: Library
) -> None:
    query = (
        "MATCH (a)-[r]->(b) WHERE a.entity_id = 'Ada' RETURN a, r, b.entity_id AS other"
    )
    result = browser.post("/webui/graph/cypher", {"query": query}, JSON).json()
    assert result["columns"] == ["a", "r", "other"]
    assert result["rows"][0][0] == {"text": "Ada", "name": "Ada"}
    assert [cell["text"] for cell in result["rows"][0][1:]] == [
        "acquaintance",
        "Babbage",
    ]
    assert names(result) == {"Ada", "Babbage"}
    wrong = browser.post("/webui/graph/cypher", {"query": "CREATE (a) RETURN a"}, JSON)
    assert wrong.status_code == 400


@pytest.mark.parametrize(("staff", "status"), [(False, 403), (True, 200)])
def test_cypher_requires_staff_if_users_log_in(
    closed: None, browser: Client, library: Library, staff: bool, status: int
) -> None:
    person = User.objects.create_superuser("ada")
    person.is_staff = staff
    person.save()
    browser.force_login(person)
    query = {"query": "MATCH (a) RETURN a"}
    assert browser.post("/webui/graph/cypher", query, JSON).status_code == status
    shown = 'id="cypher"' in browser.get("/webui/graph/").content.decode()
    assert shown is staff
