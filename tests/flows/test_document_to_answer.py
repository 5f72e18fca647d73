"""From upload to answer on a real server: web, worker, PostgreSQL and Valkey."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from tests import live_server
from tests.documents import make_files

STAND_INS = {
    "LLM_BINDING": "fake",
    "EMBEDDING_BINDING": "fake",
    "COSINE_THRESHOLD": "0",
    "LOG_LEVEL": "WARNING",
}
MODES = ("naive", "local", "global", "hybrid", "mix")
RADIUM = "Marie Curie discovered Radium in Paris. Radium glows in the dark."
FILES = {
    "curie.pdf": make_files.pdf([("Radium", RADIUM)]),
    "bell.docx": make_files.word(
        [("Telephone", "Alexander Bell invented the Telephone in Boston.")]
    ),
    "ada.md": b"# Programs\n\nAda Lovelace wrote Programs for the Analytical Engine.\n",
    "nobel.txt": b"Alfred Nobel patented Dynamite in Sweden.",
}


@pytest.fixture(scope="module")
def server() -> Iterator[httpx.Client]:
    with live_server.running(STAND_INS) as client:
        for name, content in FILES.items():
            answer = client.post("/documents/upload", files={"file": (name, content)})
            assert answer.json()["status"] == "success", answer.text
        live_server.settle(client, len(FILES))
        yield client


@pytest.mark.parametrize("mode", MODES)
def test_each_mode_answers_from_the_right_document(
    server: httpx.Client, mode: str
) -> None:
    body = {"query": "Who discovered Radium?", "mode": mode}
    answer = server.post("/query", json=body | {"include_chunk_content": True})
    assert answer.status_code == 200, answer.text
    references = answer.json()["references"]
    assert references[0]["file_path"] == "curie.pdf"
    assert "Marie Curie discovered Radium" in references[0]["content"][0]
    assert answer.json()["llm_generated"] is True


def test_a_stream_sends_its_references_before_its_text(server: httpx.Client) -> None:
    body = {"query": "Who invented the Telephone?", "mode": "mix"}
    with server.stream("POST", "/query/stream", json=body) as answer:
        lines = [json.loads(line) for line in answer.iter_lines()]
    assert lines[0]["references"][0]["file_path"] == "bell.docx"
    assert "".join(line.get("response", "") for line in lines).strip()


def test_query_data_returns_entities_relations_and_chunks(
    server: httpx.Client,
) -> None:
    answer = server.post("/query/data", json={"query": "Ada Lovelace", "mode": "mix"})
    data = answer.json()["data"]
    assert "Ada Lovelace" in [entity["entity_name"] for entity in data["entities"]]
    assert data["chunks"][0]["file_path"] == "ada.md"


def test_the_graph_shows_the_extracted_entities(server: httpx.Client) -> None:
    graph = server.get("/graphs", params={"label": "Alfred Nobel"}).json()
    assert {node["id"] for node in graph["nodes"]} >= {"Alfred Nobel", "Dynamite"}
    query = "MATCH (n:base) WHERE n.entity_id = 'Dynamite' RETURN n.description"
    result = server.post("/graph/cypher", json={"query": query}).json()
    assert "patented Dynamite" in result["rows"][0][0]


def test_a_deleted_document_is_no_longer_a_source(server: httpx.Client) -> None:
    text = "Grace Hopper built a Compiler in Arlington."
    body = {"text": text, "file_source": "hopper.txt"}
    server.post("/documents/text", json=body).raise_for_status()
    live_server.settle(server, len(FILES) + 1)
    question = {"query": "Grace Hopper Compiler", "mode": "mix"}
    files = [
        reference["file_path"]
        for reference in server.post("/query", json=question).json()["references"]
    ]
    assert "hopper.txt" in files
    listed = server.post("/documents/paginated", json={"page_size": 10}).json()
    ids = {row["file_path"]: row["id"] for row in listed["documents"]}
    server.request(
        "DELETE",
        "/documents/delete_document",
        json={"doc_ids": [ids["hopper.txt"]], "delete_file": True},
    ).raise_for_status()
    after = server.post("/query", json=question).json()
    assert "hopper.txt" not in json.dumps(after)
    labels = server.get("/graph/label/list").json()
    assert "Grace Hopper" not in labels
