"""The MCP server, tested with the official client."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx
import httpx2
import pytest
from mcp import Client, MCPError
from mcp.client.streamable_http import streamable_http_client
from mcp.types import TextContent, TextResourceContents
from pytest_django import Settings

from compat_api.auth import api_keys
from compat_api.auth.api_keys import NewKey
from compat_api.models import ApiKey, Role
from documents.pipeline import pipeline
from retrieval.db_thread import run_in_db
from retrieval.llm import errors as llm
from retrieval.llm.base import ChatModel
from retrieval.llm.testing.fake import FakeChat
from tests.compat_api.serving import Served

Answering = Callable[[ChatModel], None]
QUESTION = "Who discovered radium?"
Connect = Callable[..., Any]


@asynccontextmanager
async def connected(
    served: Served, mode: str = "auto", **headers: str
) -> AsyncIterator[Client]:
    async with httpx2.AsyncClient(headers=headers, timeout=30) as http:
        transport = streamable_http_client(f"{served.base_url}/mcp", http_client=http)
        async with Client(transport, mode=mode) as client:
            yield client


async def call(client: Client, tool: str, **arguments: Any) -> dict[str, Any]:
    """Return the structured result of a tool; its text must be equal."""
    result: Any = await client.call_tool(tool, arguments)
    assert not result.is_error, result.content
    (content,) = result.content
    assert json.loads(content.text) == result.structured_content
    evidence: dict[str, Any] = result.structured_content
    return evidence


async def failure(client: Client, tool: str, **arguments: Any) -> str:
    result: Any = await client.call_tool(tool, arguments)
    assert result.is_error
    content = result.content[0]
    assert isinstance(content, TextContent)
    return content.text


async def test_tools_have_descriptions(served: Served) -> None:
    async with connected(served) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
    assert tools.keys() == {
        "query",
        "retrieve",
        "add_text",
        "document_status",
        "find_entity",
        "neighbours",
    }
    for name, tool in tools.items():
        assert tool.description
        assert tool.output_schema
        assert tool.annotations is not None
        assert tool.annotations.read_only_hint is (name != "add_text")


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_question_is_answered_with_citations(
    served: Served, answering: Answering, mode: str
) -> None:
    answering(FakeChat(lambda request: "It was Marie Curie [1]."))
    async with connected(served, mode) as client:
        answer = await call(client, "query", question=QUESTION, mode="naive")
    assert answer["answer"] == "It was Marie Curie [1]."
    assert answer["llm_generated"] is True
    assert answer["references"][0]["file_path"] == "curie.txt"
    assert answer["references"][0]["figures"] == []
    (cited,) = answer["citations"]
    assert "Marie Curie discovered radium" in cited["quote"]


async def test_retrieve_returns_chunks_entities_and_relations(served: Served) -> None:
    async with connected(served) as client:
        evidence = await call(client, "retrieve", question=QUESTION, max_passages=1)
    (passage,) = evidence["passages"]
    assert passage["file_path"] == "curie.txt"
    assert passage["chunk_id"].startswith(passage["document_id"])
    assert "Marie Curie" in [entity["name"] for entity in evidence["entities"]]
    assert evidence["relations"]


async def test_text_is_added_and_tracked(served: Served) -> None:
    async with connected(served) as client:
        added = await call(
            client,
            "add_text",
            text="Hedy Lamarr invented frequency hopping.",
            name="lamarr.txt",
        )
        assert added["status"] == "pending"
        await run_in_db(pipeline.work, served.workspace.pk)
        status = await call(client, "document_status", track_id=added["track_id"])
        (document,) = status["documents"]
        assert (document["name"], document["status"]) == ("lamarr.txt", "processed")
        assert document["document_id"] == added["document_id"]
        again = await failure(client, "add_text", text="Other.", name="lamarr.txt")
        assert "lamarr.txt" in again
        uri = f"lightrag://documents/{document['document_id']}"
        (content,) = (await client.read_resource(uri)).contents
        assert isinstance(content, TextResourceContents)
        assert content.text == "Hedy Lamarr invented frequency hopping."


async def test_entities_are_found_with_their_neighbours(served: Served) -> None:
    async with connected(served) as client:
        evidence = await call(client, "find_entity", name="curie")
        names = [entity["name"] for entity in evidence["entities"]]
        assert names[0].endswith("Curie")
        neighbours = await call(client, "neighbours", name="Marie Curie")
        assert neighbours["entities"][0]["name"] == "Marie Curie"
        assert any(
            "Marie Curie" in (r["source"], r["target"]) for r in neighbours["relations"]
        )
        assert "Nobody" in await failure(client, "neighbours", name="Nobody")


async def test_documents_and_entities_are_resources(served: Served) -> None:
    async with connected(served) as client:
        listed = (await client.list_resources()).resources
        uris = {resource.name: str(resource.uri) for resource in listed}
        assert {"curie.txt", "einstein.txt", "Marie Curie"} <= uris.keys()
        assert "Ada Lovelace" not in uris
        (text,) = (await client.read_resource(uris["curie.txt"])).contents
        assert isinstance(text, TextResourceContents)
        assert text.text.startswith("Marie Curie discovered radium")
        (entity,) = (await client.read_resource(uris["Marie Curie"])).contents
        assert isinstance(entity, TextResourceContents)
        assert json.loads(entity.text)["relations"]
        templates = (await client.list_resource_templates()).resource_templates
        assert len(templates) == 2
        with pytest.raises(MCPError, match="no document 'doc-none'"):
            await client.read_resource("lightrag://documents/doc-none")


async def test_header_selects_the_workspace(served: Served) -> None:
    headers = {"LIGHTRAG-WORKSPACE": "other"}
    async with connected(served, **headers) as client:
        evidence = await call(
            client, "retrieve", question="Who wrote the first program?"
        )
        assert {item["file_path"] for item in evidence["passages"]} == {"secret.txt"}
        documents = (await call(client, "document_status"))["documents"]
        assert [item["name"] for item in documents] == ["secret.txt"]
        assert (await call(client, "find_entity", name="Curie"))["entities"] == []


async def test_provider_failure_is_reported(
    served: Served, answering: Answering
) -> None:
    answering(FakeChat(lambda request: llm.BadCredentials("The key is wrong.")))
    async with connected(served) as client:
        message = await failure(client, "query", question=QUESTION, mode="naive")
    assert message == "The key is wrong."


async def test_invalid_arguments_are_reported(served: Served) -> None:
    async with connected(served) as client:
        assert "mode" in await failure(client, "query", question="x", mode="sideways")


def post(served: Served, **headers: str) -> httpx.Response:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    accept = {"Accept": "application/json, text/event-stream"}
    return httpx.post(f"{served.base_url}/mcp", json=body, headers=accept | headers)


def test_key_is_required(served: Served, settings: Settings) -> None:
    server = replace(settings.LIGHTRAG.server, api_key="sesame")
    settings.LIGHTRAG = replace(settings.LIGHTRAG, server=server)
    refused = post(served)
    assert refused.status_code == 401
    assert refused.headers["WWW-Authenticate"] == "Bearer"
    assert post(served, Authorization="Bearer wrong").status_code == 401
    assert post(served, Authorization="Bearer sesame").status_code == 200
    assert post(served, **{"X-API-Key": "sesame"}).status_code == 200


def test_an_unknown_workspace_and_another_method_are_refused(served: Served) -> None:
    assert post(served, **{"LIGHTRAG-WORKSPACE": "nowhere"}).status_code == 404
    refused = httpx.get(f"{served.base_url}/mcp")
    assert (refused.status_code, refused.headers["Allow"]) == (405, "POST")


@asynccontextmanager
async def agents_keys(served: Served) -> AsyncIterator[tuple[str, str]]:
    """Create committed keys with the roles read and write, visible to the server."""

    def key(right: Role) -> str:
        new_key = NewKey(f"agent {right.word}", right, [served.workspace])
        return api_keys.create(new_key)[1]

    try:
        yield await run_in_db(key, Role.READ), await run_in_db(key, Role.WRITE)
    finally:
        await run_in_db(ApiKey.objects.all().delete)


async def test_key_is_limited_to_its_role_and_workspaces(
    served: Served,
) -> None:
    async with agents_keys(served) as (reader, writer):
        async with connected(served, Authorization=f"Bearer {reader}") as client:
            assert (await call(client, "find_entity", name="curie"))["entities"]
            assert (await client.list_resources()).resources
            message = await failure(client, "add_text", text="Mine.", name="mine.txt")
            assert "needs the role 'write'" in message
        async with connected(served, Authorization=f"Bearer {writer}") as client:
            added = await call(client, "add_text", text="Mine.", name="mine.txt")
            assert added["status"] == "pending"
        headers = {"LIGHTRAG-WORKSPACE": "other", "X-API-Key": writer}
        assert (await asyncio.to_thread(post, served, **headers)).status_code == 403


async def test_filters_restrict_a_question_to_documents(served: Served) -> None:
    filters = {"file_name": "einstein*"}
    async with connected(served) as client:
        arguments = {"question": "Who worked in Berlin or Paris?", "filters": filters}
        evidence = await call(client, "retrieve", **arguments)
    assert {passage["file_path"] for passage in evidence["passages"]} == {
        "einstein.txt"
    }


async def test_progress_is_reported_while_the_answer_is_written(
    served: Served, answering: Answering
) -> None:
    answering(FakeChat(lambda request: "She did [1].", latency=0.3))
    reported: list[str | None] = []

    async def on_progress(
        progress: float, total: float | None, message: str | None
    ) -> None:
        reported.append(message)

    async with connected(served) as client:
        result: Any = await client.call_tool(
            "query", {"question": QUESTION}, progress_callback=on_progress
        )
    assert result.structured_content["answer"] == "She did [1]."
    assert reported


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        ("application/json", "application/json"),
        ("*/*", "application/json"),
        ("text/event-stream", "text/event-stream"),
    ],
)
def test_a_client_may_accept_one_kind_of_response(
    served: Served, accept: str, media_type: str
) -> None:
    body = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    headers = {"Accept": accept}
    response = httpx.post(f"{served.base_url}/mcp", json=body, headers=headers)
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith(media_type)
