"""Isolation: no route reads or changes data of another workspace."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from compat_api.lightrag.api import lightrag
from compat_api.ollama.api import ollama
from compat_api.openai.api import openai
from documents.models import Document, Workspace
from documents.pipeline import pipeline
from documents.workspaces import lookup
from graph.models import Entity, Relation
from retrieval.llm.usage.models import LLMCache
from tests.compat_api.conftest import Api

SECRET = "Zanzibar"
TEXT = f"Livingstone travelled to {SECRET}. {SECRET} traded with Livingstone."
QUESTION = {"query": f"Who travelled to {SECRET}?", "include_chunk_content": True}
MESSAGES = [{"role": "user", "content": QUESTION["query"]}]
OLLAMA: dict[str, Any] = {"model": "lightrag:latest", "stream": False}

BODIES: dict[str, Any] = {
    "POST /documents/text": {"text": "Nothing.", "file_source": "nothing.txt"},
    "POST /documents/texts": {"texts": ["Nought."], "file_sources": ["nought.txt"]},
    "PUT /documents/{document_id}": {"text": "Nothing."},
    "PUT /documents/{document_id}/tags": {"tags": ["none"]},
    "POST /documents/paginated": {},
    "POST /documents/scan": None,
    "POST /documents/reprocess_failed": None,
    "POST /documents/cancel_pipeline": None,
    "POST /documents/clear_cache": {},
    "POST /documents/source_conflicts/repair": {
        "canonical_source_key": "secret.txt",
        "primary_doc_id": "doc-1",
    },
    "POST /documents/recovery/force_reset": {"confirm": True},
    "DELETE /documents": None,
    "DELETE /documents/delete_document": {"doc_ids": ["{document}"]},
    "DELETE /documents/delete_entity": {"entity_name": SECRET},
    "DELETE /documents/delete_relation": {
        "source_entity": SECRET,
        "target_entity": "Livingstone",
    },
    "DELETE /graph/entity/delete": {"entity_name": SECRET},
    "DELETE /graph/relation/delete": {
        "source_entity": SECRET,
        "target_entity": "Livingstone",
    },
    "POST /query": QUESTION | {"only_need_context": True},
    "POST /query/stream": QUESTION | {"only_need_context": True},
    "POST /query/data": QUESTION,
    "POST /graph/entity/edit": {
        "entity_name": SECRET,
        "updated_data": {"description": "x"},
    },
    "POST /graph/relation/edit": {
        "source_id": SECRET,
        "target_id": "Livingstone",
        "updated_data": {"description": "x"},
    },
    "POST /graph/entity/create": {
        "entity_name": "Elsewhere",
        "entity_data": {"description": "x"},
    },
    "POST /graph/relation/create": {
        "source_entity": SECRET,
        "target_entity": "Livingstone",
        "relation_data": {"description": "x"},
    },
    "POST /graph/entities/merge": {
        "entities_to_change": [SECRET],
        "entity_to_change_into": "Livingstone",
    },
    "POST /graph/entities/split": {"alias": SECRET},
    "POST /workspaces": {"name": "third"},
    "PATCH /workspaces/{name}": {"name": "third"},
    "DELETE /workspaces/{name}": None,
    "POST /graph/cypher": {"query": "MATCH (n) RETURN n"},
    "POST /api/chat": OLLAMA | {"messages": MESSAGES},
    "POST /api/generate": OLLAMA | {"prompt": QUESTION["query"]},
    "POST /api/embed": {"model": "lightrag:latest", "input": "a word"},
    "POST /api/embeddings": {"model": "lightrag:latest", "prompt": "a word"},
    "POST /api/show": {"model": "lightrag:latest"},
}
for action in (
    "POST /api/pull",
    "POST /api/push",
    "POST /api/create",
    "POST /api/copy",
):
    BODIES[action] = {"model": "lightrag:latest"}
BODIES["DELETE /api/delete"] = {"model": "lightrag:latest"}
for prefix in ("/v1", "/api/v1"):
    BODIES |= {
        f"POST {prefix}/chat/completions": {"model": "LightRAG", "messages": MESSAGES},
        f"POST {prefix}/responses": {"model": "LightRAG", "input": QUESTION["query"]},
        f"POST {prefix}/completions": {
            "model": "LightRAG",
            "prompt": QUESTION["query"],
        },
        f"POST {prefix}/embeddings": {"model": "LightRAG", "input": "a word"},
    }
QUERIES: dict[str, dict[str, str]] = {
    "GET /graphs": {"label": SECRET},
    "GET /graph/label/search": {"q": SECRET},
    "GET /graph/entity/exists": {"name": SECRET},
}
WITHOUT_WORKSPACE = {
    "POST /documents/upload": "a form: tests/documents/intake/test_uploads.py",
    "POST /login": "does not depend on a workspace",
    "POST /logout": "does not depend on a workspace",
}
OPERATIONS = [
    f"{method.upper()} {path}"
    for dialect in (lightrag, openai, ollama)
    for path, methods in dialect.get_openapi_schema(path_prefix="")["paths"].items()
    for method in methods
]


@pytest.fixture
def document(api: Api) -> Document:
    """Insert a processed document into the workspace `theirs`."""
    theirs = lookup.ensure("theirs")
    api.headers = {"LIGHTRAG-WORKSPACE": "theirs"}
    api.post("/documents/text", {"text": TEXT, "file_source": "secret.txt"})
    pipeline.work(theirs.pk)
    api.headers = {}
    return Document.objects.get()


def everything(workspace: Workspace) -> list[Any]:
    """Return all rows of a workspace that a route could change."""
    return [
        list(model.objects.filter(workspace=workspace).order_by("pk").values())
        for model in (Document, Entity, Relation, LLMCache)
    ]


def call(api: Api, operation: str, document: Document) -> Any:
    method, path = operation.split()
    path = path.replace("{track_id}", document.track_id)
    path = path.replace("{document_id}", document.public_id)
    path = path.replace("{name}", "tests")
    path = path.replace("{asset_hash}", "a").replace("{asset_id}", "b")
    if method == "GET":
        return api.get(path, **QUERIES.get(operation, {}))
    body = BODIES[operation]
    if body and "doc_ids" in body:
        body = {"doc_ids": [document.public_id]}
    send: Callable[..., Any] = getattr(api, method.lower())
    return send(path, body)


def text_of(answer: Any) -> str:
    """Return the response body without the question that it may quote."""
    body = "" if answer.streaming else answer.content.decode()
    return str(body.replace(str(QUESTION["query"]), ""))


@pytest.mark.parametrize(
    "operation", [name for name in OPERATIONS if name not in WITHOUT_WORKSPACE]
)
def test_route_neither_reads_nor_changes_another_workspace(
    api: Api, document: Document, operation: str
) -> None:
    before = everything(document.workspace)
    answer = call(api, operation, document)
    assert answer.status_code < 500
    assert answer.status_code != 405
    if answer.status_code == 200:
        assert SECRET not in text_of(answer)
        assert "secret.txt" not in text_of(answer)
    assert everything(document.workspace) == before


def test_stream_contains_nothing_of_another_workspace(
    api: Api, document: Document
) -> None:
    lines = api.lines("/query/stream", QUESTION | {"include_progress": True})
    assert "secret.txt" not in str(lines)
    assert "Livingstone" not in str(lines)
