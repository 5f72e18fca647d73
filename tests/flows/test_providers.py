"""From upload to answer with one provider of each kind, configured as for LightRAG."""

from __future__ import annotations

import json
from collections.abc import Iterator

import httpx
import pytest

from tests import live_server
from tests.flows import stand_in_provider
from tests.retrieval.llm.provider import Answer, Provider

TEXTS = {
    "curie.txt": "Marie Curie discovered Radium in Paris. Radium glows in the dark.",
    "bell.txt": "Alexander Bell invented the Telephone in Boston.",
}
QUESTION = {"query": "Who discovered Radium?", "mode": "mix"}


def variables(url: str) -> dict[str, str]:
    """Start a server: OpenAI extracts, Azure finds keywords, Ollama answers, Jina reranks."""
    return {
        "LLM_BINDING": "openai",
        "LLM_MODEL": "gpt",
        "LLM_BINDING_HOST": f"{url}/v1",
        "LLM_BINDING_API_KEY": stand_in_provider.KEY,
        "KEYWORD_LLM_BINDING": "azure_openai",
        "KEYWORD_LLM_MODEL": "my-deployment",
        "KEYWORD_LLM_BINDING_HOST": url,
        "KEYWORD_LLM_BINDING_API_KEY": stand_in_provider.KEY,
        "QUERY_LLM_BINDING": "ollama",
        "QUERY_LLM_MODEL": "qwen",
        "QUERY_LLM_BINDING_HOST": url,
        "QUERY_LLM_BINDING_API_KEY": stand_in_provider.KEY,
        "EMBEDDING_BINDING": "openai",
        "EMBEDDING_MODEL": "hash",
        "EMBEDDING_DIM": str(stand_in_provider.DIMENSIONS),
        "EMBEDDING_BINDING_HOST": f"{url}/v1",
        "EMBEDDING_BINDING_API_KEY": stand_in_provider.KEY,
        "RERANK_BINDING": "jina",
        "RERANK_BINDING_HOST": f"{url}/rerank",
        "RERANK_BINDING_API_KEY": stand_in_provider.KEY,
        "COSINE_THRESHOLD": "0",
        "ENABLE_LLM_CACHE": "false",
        "LOG_LEVEL": "WARNING",
    }


@pytest.fixture(scope="module")
def server(provider: Provider) -> Iterator[httpx.Client]:
    with live_server.running(variables(provider.url)) as client:
        for name, text in TEXTS.items():
            body = {"text": text, "file_source": name}
            client.post("/documents/text", json=body).raise_for_status()
        live_server.settle(client, len(TEXTS))
        yield client


@pytest.fixture
def failing(answering: Provider) -> Provider:
    """Return the provider and restore its answers after the test."""
    answering.respond = lambda request: Answer({"error": {"message": "on fire"}}, 400)
    return answering


def test_a_question_is_answered_by_four_providers(
    provider: Provider, server: httpx.Client
) -> None:
    answer = server.post("/query", json=QUESTION)
    assert answer.status_code == 200, answer.text
    assert "Marie Curie discovered Radium" in answer.json()["response"]
    assert answer.json()["references"][0]["file_path"] == "curie.txt"
    paths = {request.path.partition("?")[0] for request in provider.requests}
    assert paths == {
        "/v1/chat/completions",
        "/openai/deployments/my-deployment/chat/completions",
        "/api/chat",
        "/v1/embeddings",
        "/rerank",
    }


def test_a_document_is_extracted_once_with_a_schema(
    provider: Provider, server: httpx.Client
) -> None:
    read = [a for a in provider.requests if a.path == "/v1/chat/completions"]
    formats = [request.body["response_format"]["type"] for request in read]
    assert formats == ["json_schema"] * len(TEXTS)
    labels = server.get("/graph/label/list").json()
    assert {"Marie Curie", "Radium", "Alexander Bell"} <= set(labels)


def test_a_stream_arrives_in_pieces(server: httpx.Client) -> None:
    with server.stream("POST", "/query/stream", json=QUESTION) as answer:
        lines = [json.loads(line) for line in answer.iter_lines()]
    pieces = [line["response"] for line in lines if "response" in line]
    assert len(pieces) > 3
    assert "Marie Curie discovered Radium" in "".join(pieces)


@pytest.mark.parametrize("mode", ["mix", "naive", "bypass"])
def test_a_providers_failure_is_reported_with_its_reason(
    failing: Provider, server: httpx.Client, mode: str
) -> None:
    answer = server.post("/query", json={**QUESTION, "mode": mode})
    assert answer.status_code == 502
    assert "on fire" in answer.json()["detail"]
    assert failing.url in answer.json()["detail"]
