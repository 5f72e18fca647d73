"""`/graphs` and `/graph/…`: queries and changes, with LightRAG's responses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from documents.models import Workspace
from graph.curation import edit as curation_edit
from graph.curation.edit import EntityChanges, RelationChanges
from graph.models import Entity
from tests.compat_api.conftest import Api


@pytest.fixture(autouse=True)
def elements(workspace: Workspace) -> None:
    """Create three connected entities: Radium - Marie Curie - Paris."""
    for name in ("Radium", "Marie Curie", "Paris"):
        changes = EntityChanges(
            entity_type="concept", description=f"{name} is an element."
        )
        curation_edit.create_entity(workspace.pk, name, changes)
    for source, target in (("Radium", "Marie Curie"), ("Marie Curie", "Paris")):
        relation_changes = RelationChanges(
            description=f"{source} to {target}.", keywords="a,b"
        )
        curation_edit.create_relation(workspace.pk, source, target, relation_changes)


def properties(name: str, **changes: Any) -> dict[str, Any]:
    return {
        "entity_id": name,
        "entity_type": "concept",
        "description": f"{name} is an element.",
        "source_id": "manual_creation",
        "file_path": "manual_creation",
        "truncate": "",
    } | changes


def without_time(data: dict[str, Any]) -> dict[str, Any]:
    assert isinstance(data.pop("created_at"), int)
    return data


def edit(api: Api, name: str, changes: dict[str, Any], **allowed: bool) -> Any:
    body = {"entity_name": name, "updated_data": changes, **allowed}
    return api.post("/graph/entity/edit", body)


def test_neighbourhood_has_nodes_and_edges(api: Api) -> None:
    answer = api.get("/graphs", label="Radium", max_depth=1, max_nodes=10).json()
    assert answer["is_truncated"] is False
    nodes = {node["id"]: node for node in answer["nodes"]}
    assert list(nodes) == ["Radium", "Marie Curie"]
    assert nodes["Radium"]["labels"] == ["Radium"]
    assert without_time(nodes["Radium"]["properties"]) == properties("Radium")
    [edge] = answer["edges"]
    assert without_time(edge.pop("properties")) == {
        "weight": 1.0,
        "description": "Radium to Marie Curie.",
        "keywords": "a,b",
        "source_id": "",
        "file_path": "manual_creation",
        "truncate": "",
    }
    assert edge == {
        "id": "Marie Curie-Radium",
        "type": "DIRECTED",
        "source": "Marie Curie",
        "target": "Radium",
    }


def test_unknown_label_has_no_neighbourhood(api: Api) -> None:
    assert api.get("/graphs", label="Nope").json() == {
        "nodes": [],
        "edges": [],
        "is_truncated": False,
    }


def test_whole_graph_is_limited_to_max_nodes(api: Api) -> None:
    answer = api.get("/graphs", label="*", max_nodes=1).json()
    assert [node["id"] for node in answer["nodes"]] == ["Marie Curie"]
    assert answer["is_truncated"] is True


def test_labels_are_listed_ranked_and_searched(api: Api) -> None:
    assert api.get("/graph/label/list").json() == ["Marie Curie", "Paris", "Radium"]
    assert api.get("/graph/label/popular", limit=1).json() == ["Marie Curie"]
    assert api.get("/graph/label/search", q="cur", limit=5).json() == ["Marie Curie"]
    assert api.get("/graph/label/search", q=" ").json() == []
    assert api.get("/graph/label/search", q="a", limit=101).status_code == 422


def test_entity_exists(api: Api) -> None:
    assert api.get("/graph/entity/exists", name="Radium").json() == {"exists": True}
    assert api.get("/graph/entity/exists", name="Nope").json() == {"exists": False}


def test_entity_is_changed(api: Api) -> None:
    changes = {"description": "Radioactive element.", "entity_type": "Element"}
    answer = edit(api, "Radium", changes).json()
    graph_data = answer["data"].pop("graph_data")
    assert without_time(graph_data)["description"] == "Radioactive element."
    assert answer == {
        "status": "success",
        "message": "Entity updated successfully",
        "data": {"entity_name": "Radium", "source_id": "manual_creation"},
        "operation_summary": {
            "merged": False,
            "merge_status": "not_attempted",
            "merge_error": None,
            "operation_status": "success",
            "target_entity": None,
            "final_entity": "Radium",
            "renamed": False,
        },
    }


@pytest.mark.parametrize("name", ["", "  ", None])
def test_blank_name_does_not_rename(api: Api, name: str | None) -> None:
    answer = edit(api, "Radium", {"entity_name": name}, allow_rename=True)
    assert answer.status_code == 422
    [error] = answer.json()["detail"]
    assert error["msg"] == "Value error, Entity name cannot be empty"
    assert error["loc"] == ["body"]


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (
            "/graph/entity/edit",
            {"entity_name": " ", "updated_data": {}},
            "entity_name",
        ),
        (
            "/graph/relation/edit",
            {"source_id": "Radium", "target_id": "", "updated_data": {}},
            "target_id",
        ),
        (
            "/graph/entity/create",
            {"entity_name": " ", "entity_data": {}},
            "entity_name",
        ),
        (
            "/graph/relation/create",
            {"source_entity": " ", "target_entity": "Paris", "relation_data": {}},
            "source_entity",
        ),
        (
            "/graph/entities/merge",
            {"entities_to_change": ["Radium"], "entity_to_change_into": " "},
            "entity_to_change_into",
        ),
    ],
)
def test_empty_name_is_a_field_error(
    api: Api, path: str, body: dict[str, Any], field: str
) -> None:
    answer = api.post(path, body)
    assert answer.status_code == 422
    [error] = answer.json()["detail"]
    assert error["loc"] == ["body", field]
    assert error["msg"] == "Value error, Entity name cannot be empty"


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/graph/entity/delete", {"entity_name": " "}),
        ("/graph/relation/delete", {"source_entity": "", "target_entity": "Paris"}),
    ],
)
def test_empty_name_deletes_nothing(api: Api, path: str, body: dict[str, Any]) -> None:
    assert api.delete(path, body).status_code == 422


def test_entity_is_renamed_if_allowed(api: Api) -> None:
    refused = edit(api, "Radium", {"entity_name": "Ra"})
    assert refused.status_code == 400
    assert refused.json()["detail"] == (
        "Entity renaming is not allowed. Set allow_rename=True to enable this feature"
    )
    renamed = edit(api, "Radium", {"entity_name": "Radium Element"}, allow_rename=True)
    summary = renamed.json()["operation_summary"]
    assert (summary["renamed"], summary["final_entity"]) == (True, "Radium Element")


def test_rename_to_an_existing_name_merges_if_allowed(
    api: Api,
) -> None:
    existing = {"entity_name": "Paris"}
    refused = edit(api, "Radium", existing, allow_rename=True)
    assert refused.status_code == 400
    assert refused.json() == {
        "detail": "Entity name 'Paris' already exists, cannot rename"
    }
    merged = edit(api, "Radium", existing, allow_rename=True, allow_merge=True).json()
    assert merged["message"] == "Entity merged successfully into 'Paris'"
    assert merged["operation_summary"] == {
        "merged": True,
        "merge_status": "success",
        "merge_error": None,
        "operation_status": "success",
        "target_entity": "Paris",
        "final_entity": "Paris",
        "renamed": True,
    }
    assert Entity.objects.count() == 2


@pytest.mark.parametrize(
    ("name", "changes", "detail"),
    [
        ("Nope", {"description": "x"}, "Entity 'Nope' does not exist"),
        (
            "Radium",
            {"foo": "x"},
            "Unknown entity field 'foo'. Allowed fields: description, entity_name,"
            " entity_type, file_path, source_id",
        ),
        ("Radium", {"description": " "}, "Entity description cannot be empty"),
        ("Radium", {"description": None}, "Entity description cannot be empty"),
    ],
)
def test_invalid_change_is_refused(
    api: Api, name: str, changes: dict[str, Any], detail: str
) -> None:
    answer = edit(api, name, changes)
    assert (answer.status_code, answer.json()) == (400, {"detail": detail})


def test_change_with_a_wrong_type_is_invalid(api: Api) -> None:
    answer = edit(api, "Radium", {"description": 7})
    assert answer.status_code == 422
    assert answer.json()["detail"][0]["loc"] == ["body", "updated_data", "description"]


def test_sources_of_an_entity_cannot_be_edited(api: Api) -> None:
    answer = edit(api, "Radium", {"source_id": "x", "file_path": "y"}).json()
    assert answer["data"]["graph_data"]["source_id"] == "manual_creation"


def test_relation_is_changed_by_either_direction(api: Api) -> None:
    body = {
        "source_id": "Radium",
        "target_id": "Marie Curie",
        "updated_data": {
            "description": "Isolated by",
            "keywords": "k1,k2",
            "weight": 3,
        },
    }
    answer = api.post("/graph/relation/edit", body).json()
    assert answer["message"] == "Relation updated successfully"
    data = answer["data"]
    assert (data["src_entity"], data["tgt_entity"]) == ("Marie Curie", "Radium")
    assert (data["graph_data"]["keywords"], data["graph_data"]["weight"]) == (
        "k1,k2",
        3.0,
    )


def test_unknown_relation_cannot_be_changed(api: Api) -> None:
    body = {"source_id": "Radium", "target_id": "Paris", "updated_data": {}}
    answer = api.post("/graph/relation/edit", body)
    assert answer.status_code == 400
    assert answer.json()["detail"] == (
        "Relation from 'Paris' to 'Radium' does not exist"
    )
    body["target_id"] = "Nope"
    assert api.post("/graph/relation/edit", body).json()["detail"] == (
        "Relation from 'Nope' to 'Radium' does not exist"
    )


@pytest.mark.parametrize(
    ("changes", "status", "message"),
    [
        ({"description": " "}, 400, "Relation description cannot be empty"),
        ({"description": None}, 400, "Relation description cannot be empty"),
        ({"weight": -1}, 400, "Weight -1.0 cannot be less than"),
        ({"weight": True}, 422, "must be a number"),
    ],
)
def test_invalid_change_of_a_relation_is_refused(
    api: Api, changes: dict[str, Any], status: int, message: str
) -> None:
    body = {
        "source_id": "Radium",
        "target_id": "Marie Curie",
        "updated_data": changes,
    }
    answer = api.post("/graph/relation/edit", body)
    assert answer.status_code == status
    assert message in str(answer.json()["detail"])


def test_entity_is_created_once(api: Api) -> None:
    entity_data = {
        "description": "Named after Poland",
        "entity_type": "Element",
        "foo": 1,
    }
    body = {"entity_name": "Polonium", "entity_data": entity_data}
    answer = api.post("/graph/entity/create", body).json()
    assert answer["message"] == "Entity 'Polonium' created successfully"
    assert answer["data"]["source_id"] == "manual_creation"
    again = api.post("/graph/entity/create", body)
    assert again.status_code == 400
    assert again.json() == {"detail": "Entity 'Polonium' already exists"}


def test_entity_needs_a_description(api: Api) -> None:
    body = {"entity_name": "Polonium", "entity_data": {}}
    assert api.post("/graph/entity/create", body).status_code == 400


def test_relation_is_created_once(api: Api) -> None:
    body = {
        "source_entity": "Radium",
        "target_entity": "Paris",
        "relation_data": {
            "description": "Found in",
            "keywords": "place",
            "weight": 2.0,
        },
    }
    answer = api.post("/graph/relation/create", body).json()
    message = "Relation created successfully between 'Radium' and 'Paris'"
    assert answer["message"] == message
    assert answer["data"]["graph_data"]["weight"] == 2.0
    assert answer["data"]["source_id"] == ""
    assert answer["data"]["graph_data"]["file_path"] == "manual_creation"
    again = api.post("/graph/relation/create", body)
    assert again.json() == {
        "detail": "Relation from 'Radium' to 'Paris' already exists"
    }


@pytest.mark.parametrize(
    ("source", "target", "detail"),
    [
        ("Radium", "Nope", "Target entity 'Nope' does not exist"),
        ("Nope", "Radium", "Source entity 'Nope' does not exist"),
        (
            "Radium",
            "Radium",
            "Cannot create a self-loop relation on 'Radium': source and target must be"
            " different entities",
        ),
    ],
)
def test_relation_needs_two_entities(
    api: Api, source: str, target: str, detail: str
) -> None:
    relation_data = {"description": "x"}
    body = {
        "source_entity": source,
        "target_entity": target,
        "relation_data": relation_data,
    }
    answer = api.post("/graph/relation/create", body)
    assert (answer.status_code, answer.json()) == (400, {"detail": detail})


def test_negative_weight_is_invalid(api: Api) -> None:
    relation_data = {"description": "x", "weight": -1}
    body = {
        "source_entity": "Radium",
        "target_entity": "Paris",
        "relation_data": relation_data,
    }
    assert api.post("/graph/relation/create", body).status_code == 400


def test_entities_are_merged_into_a_new_entity(api: Api) -> None:
    body = {"entities_to_change": ["Radium"], "entity_to_change_into": "Radium2"}
    answer = api.post("/graph/entities/merge", body).json()
    assert answer["message"] == "Successfully merged 1 entities into 'Radium2'"
    assert answer["data"]["entity_name"] == "Radium2"
    missing = api.post("/graph/entities/merge", body)
    assert missing.status_code == 400
    assert missing.json() == {"detail": "Source entity 'Radium' does not exist"}


@pytest.mark.parametrize(
    "path", ["/graph/relation/delete", "/documents/delete_relation"]
)
def test_relation_is_deleted_by_the_routes_of_both_versions(
    api: Api, path: str
) -> None:
    body = {"source_entity": "Radium", "target_entity": "Marie Curie"}
    assert api.delete(path, body).json() == {
        "status": "success",
        "doc_id": "",
        "message": "Relation Delete: `Marie Curie`~`Radium` deleted successfully",
        "status_code": 200,
        "file_path": None,
    }
    again = api.delete(path, body)
    assert again.status_code == 404
    assert again.json()["detail"].endswith("does not exist")


@pytest.mark.parametrize("path", ["/graph/entity/delete", "/documents/delete_entity"])
def test_entity_is_deleted_by_the_routes_of_both_versions(api: Api, path: str) -> None:
    body = {"entity_name": "Marie Curie"}
    assert api.delete(path, body).json() == {
        "status": "success",
        "doc_id": "",
        "message": "Entity Delete: remove 'Marie Curie' and its 2 relations",
        "status_code": 200,
        "file_path": None,
    }
    again = api.delete(path, body)
    assert again.status_code == 404
    assert again.json() == {"detail": "Entity 'Marie Curie' not found."}


def test_cypher_query_is_answered(api: Api) -> None:
    query = (
        "MATCH (a:base)-[r:DIRECTED]->(b:base) WHERE a.entity_id = $name "
        "RETURN a, r.keywords, b.entity_id"
    )
    body = {"query": query, "parameters": {"name": "Radium"}}
    answer = api.post("/graph/cypher", body).json()
    [[vertex, keywords, neighbour]] = answer["rows"]
    assert (keywords, neighbour) == ("a,b", "Marie Curie")
    assert vertex["properties"]["entity_id"] == "Radium"
    assert answer["is_truncated"] is False


def test_cypher_that_writes_is_refused(api: Api) -> None:
    answer = api.post("/graph/cypher", {"query": "CREATE (n:base) RETURN n"})
    assert answer.status_code == 400
    assert api.get("/graph/label/list").json() == ["Marie Curie", "Paris", "Radium"]


def test_merge_is_undone_by_its_alias(api: Api, insert: Callable[..., str]) -> None:
    insert("Marie Curie discovered Radium in Paris.", "curie.txt")
    merge = {"entities_to_change": ["Paris"], "entity_to_change_into": "Radium"}
    assert api.post("/graph/entities/merge", merge).status_code == 200
    assert api.get("/graph/entity/aliases", name="Radium").json() == ["Paris"]
    undone = api.post("/graph/entities/split", {"alias": "Paris"}).json()
    assert undone["data"]["entity_name"] == "Paris"
    assert api.get("/graph/entity/exists", name="Paris").json() == {"exists": True}
    again = api.post("/graph/entities/split", {"alias": "Paris"})
    assert again.status_code == 400
