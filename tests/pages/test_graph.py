from __future__ import annotations

from django.test import Client

from graph.models import Entity, EntityAlias
from tests.library import Library


def test_the_neighbourhood_of_an_entity_is_drawn(
    browser: Client, library: Library
) -> None:
    part = browser.get("/webui/graph/data", {"label": "Ada"}).json()
    assert {node["id"] for node in part["nodes"]} >= {"Ada", "Babbage"}
    assert part["edges"][0]["source"] == "Ada"


def test_names_are_suggested(browser: Client, library: Library) -> None:
    assert browser.get("/webui/graph/search", {"q": "bab"}).json()["names"] == [
        "Babbage"
    ]
    assert "Ada" in browser.get("/webui/graph/search").json()["names"]


def test_an_entity_is_told_with_its_passages_marked(
    browser: Client, library: Library
) -> None:
    text = browser.get("/webui/graph/entity", {"name": "Ada"}).content.decode()
    assert "<mark>Ada</mark>" in text
    assert 'data-go="Babbage"' in text


def test_an_unknown_entity_is_not_found(browser: Client, library: Library) -> None:
    assert browser.get("/webui/graph/entity", {"name": "Nobody"}).status_code == 404


def change(**values: object) -> dict[str, object]:
    return {"entity_type": "Person", "description": "A person.", **values}


def test_a_renamed_entity_keeps_its_old_name(browser: Client, library: Library) -> None:
    body = change(name="Ada", new_name="Ada Lovelace")
    answer = browser.post("/webui/graph/change", body, "application/json")
    assert answer.json()["name"] == "Ada Lovelace"
    assert EntityAlias.objects.get(name="Ada").entity_id == library.ada.pk


def test_a_taken_name_merges_only_when_that_is_said(
    browser: Client, library: Library
) -> None:
    body = change(name="Countess Ada", new_name="Ada")
    body["name"] = library.countess.name
    refused = browser.post("/webui/graph/change", body, "application/json")
    assert "exists" in refused.json()["detail"]
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
