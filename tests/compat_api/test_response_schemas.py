"""Responses of every operation, validated with LightRAG's schema."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import jsonschema
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from tests.compat_api import conformance, contract
from tests.compat_api.conftest import Api

Call = Callable[[Api, str], Any]
QUESTION = {"query": "Who discovered Radium?", "mode": "mix"}


def post(path: str, body: Any = None) -> Call:
    return lambda api, track: api.post(path, body)


def delete(path: str, body: Any = None) -> Call:
    return lambda api, track: api.delete(path, body)


def get(path: str, **query: Any) -> Call:
    return lambda api, track: api.get(path.format(track_id=track), **query)


def upload(api: Api, track: str) -> Any:
    return Client().post(
        "/documents/upload", {"file": SimpleUploadedFile("a.txt", b"A")}
    )


def scan(api: Api, track: str) -> Any:
    track_id = api.post("/documents/scan").json()["track_id"]
    return api.get(f"/documents/scan/status/{track_id}")


def delete_document(api: Api, track: str) -> Any:
    documents = api.get(f"/documents/track_status/{track}").json()["documents"]
    body = {"doc_ids": [documents[0]["id"]]}
    return api.delete("/documents/delete_document", body)


def login(api: Api, track: str) -> Any:
    return Client().post("/login", {"username": "a", "password": "b"})


EDIT = {"entity_name": "Radium", "updated_data": {"description": "It glows."}}
RELATION = {
    "source_id": "Radium",
    "target_id": "Marie Curie",
    "updated_data": {"description": "Found."},
}
NEW_ENTITY = {"entity_name": "Made", "entity_data": {"description": "By hand."}}
RELATION_ENTITIES = {"source_entity": "Marie Curie", "target_entity": "Radium"}
CONFLICT = {"canonical_source_key": "a.txt", "primary_doc_id": "doc-1"}
CALLS: dict[str, Call] = {
    "POST /documents/upload": upload,
    "POST /documents/text": post("/documents/text", {"text": "T", "file_source": "t"}),
    "POST /documents/texts": post(
        "/documents/texts", {"texts": ["T"], "file_sources": ["t"]}
    ),
    "POST /documents/scan": post("/documents/scan"),
    "GET /documents/scan/status/{track_id}": scan,
    "POST /documents/paginated": post("/documents/paginated", {}),
    "GET /documents": get("/documents"),
    "GET /documents/status_counts": get("/documents/status_counts"),
    "GET /documents/track_status/{track_id}": get("/documents/track_status/{track_id}"),
    "GET /documents/pipeline_status": get("/documents/pipeline_status"),
    "GET /documents/supported_file_types": get("/documents/supported_file_types"),
    "POST /documents/reprocess_failed": post("/documents/reprocess_failed"),
    "POST /documents/cancel_pipeline": post("/documents/cancel_pipeline"),
    "DELETE /documents/delete_document": delete_document,
    "DELETE /documents": delete("/documents"),
    "POST /documents/clear_cache": post("/documents/clear_cache", {}),
    "GET /documents/source_conflicts": get("/documents/source_conflicts"),
    "POST /documents/source_conflicts/repair": post(
        "/documents/source_conflicts/repair", CONFLICT
    ),
    "POST /documents/recovery/force_reset": post(
        "/documents/recovery/force_reset", {"confirm": True}
    ),
    "POST /query": post("/query", QUESTION),
    "POST /query/stream": post("/query/stream", QUESTION),
    "POST /query/data": post("/query/data", QUESTION),
    "GET /graph/label/list": get("/graph/label/list"),
    "GET /graph/label/popular": get("/graph/label/popular"),
    "GET /graph/label/search": get("/graph/label/search", q="rad"),
    "GET /graphs": get("/graphs", label="*"),
    "GET /graph/entity/exists": get("/graph/entity/exists", name="Radium"),
    "POST /graph/entity/edit": post("/graph/entity/edit", EDIT),
    "POST /graph/relation/edit": post("/graph/relation/edit", RELATION),
    "POST /graph/entity/create": post("/graph/entity/create", NEW_ENTITY),
    "POST /graph/relation/create": post(
        "/graph/relation/create",
        {
            "source_entity": "Paris",
            "target_entity": "Pierre Curie",
            "relation_data": {"description": "Lived there."},
        },
    ),
    "POST /graph/entities/merge": post(
        "/graph/entities/merge",
        {"entities_to_change": ["Paris"], "entity_to_change_into": "Radium"},
    ),
    "DELETE /graph/entity/delete": delete(
        "/graph/entity/delete", {"entity_name": "Radium"}
    ),
    "DELETE /graph/relation/delete": delete(
        "/graph/relation/delete", RELATION_ENTITIES
    ),
    "DELETE /documents/delete_entity": delete(
        "/documents/delete_entity", {"entity_name": "Radium"}
    ),
    "DELETE /documents/delete_relation": delete(
        "/documents/delete_relation", RELATION_ENTITIES
    ),
    "GET /ui/customization": get("/ui/customization"),
    "GET /ui/customization/assets/{asset_hash}/{asset_id}": get(
        "/ui/customization/assets/a/b"
    ),
    "GET /auth/verify": get("/auth/verify"),
    "GET /auth-status": get("/auth-status"),
    "POST /login": login,
    "GET /health": get("/health"),
    "GET /": get("/"),
    "GET /api/version": get("/api/version"),
    "GET /api/tags": get("/api/tags"),
    "GET /api/ps": get("/api/ps"),
    "POST /api/generate": post(
        "/api/generate", {"model": "lightrag", "prompt": "Hello", "stream": False}
    ),
    "POST /api/chat": post(
        "/api/chat",
        {
            "model": "lightrag",
            "messages": [{"role": "user", "content": "Who discovered Radium?"}],
            "stream": False,
        },
    ),
}
STATUSES = {
    "GET /": 307,
    "POST /documents/source_conflicts/repair": 409,
    "GET /ui/customization/assets/{asset_hash}/{asset_id}": 404,
}
"""Operations whose response is not 200."""


@pytest.mark.parametrize("name", CALLS)
def test_response_matches_lightrags_schema(
    api: Api, insert: Callable[..., str], name: str
) -> None:
    text = (
        "Marie Curie discovered Radium in Paris. Pierre Curie worked with Marie Curie."
    )
    track = insert(text, "curie.txt")
    answer = CALLS[name](api, track)
    assert answer.status_code == STATUSES.get(name, 200), answer.content
    for version in conformance.VERSIONS:
        schema = contract.load_answers(version).get(name)
        if schema and answer.status_code == 200:
            jsonschema.validate(answer.json(), schema)


@pytest.mark.parametrize("version", conformance.VERSIONS)
def test_every_operation_is_called(version: str) -> None:
    assert set(contract.load(version)) <= set(CALLS)
    assert set(contract.load_answers(version)) <= set(CALLS)


def test_conformance_page_is_current() -> None:
    assert conformance.PAGE.read_text("utf-8") == conformance.page(), (
        "run python -m tests.compat_api.conformance"
    )
