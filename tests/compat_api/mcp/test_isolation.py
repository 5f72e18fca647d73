"""Isolation: no MCP tool reads or changes data of another workspace."""

from __future__ import annotations

from typing import Any

import pytest
from mcp import MCPError

from compat_api.mcp import tools
from documents.models import Document
from graph.models import Entity
from retrieval.db_thread import run_in_db
from tests.compat_api.mcp.test_mcp import connected
from tests.compat_api.serving import Served

SECRETS = ("Lovelace", "secret.txt", "London")
"""Texts of the workspace `other` that are not in the workspace of the request."""
QUESTION = "Who wrote the first program?"
TOOLS: dict[str, list[dict[str, Any]]] = {
    "query": [{"question": QUESTION}, {"question": QUESTION, "mode": "naive"}],
    "retrieve": [{"question": QUESTION}, {"question": QUESTION, "mode": "local"}],
    "document_status": [
        {},
        {"document_id": "{id}"},
        {"track_id": "t"},
        {"name": "{name}"},
    ],
    "find_entity": [{"name": "Lovelace"}, {"name": "Ada Lovelace"}],
    "neighbours": [{"name": "Ada Lovelace", "depth": 3}],
    "add_text": [{"text": "Nothing at all.", "name": "secret.txt"}],
}


def rows(workspace: Any) -> list[Any]:
    return [
        list(kind.objects.filter(workspace=workspace).order_by("pk").values())
        for kind in (Document, Entity)
    ]


def without_questions(text: str, arguments: dict[str, Any]) -> str:
    """Return the response without what it may quote of the request."""
    for words in arguments.values():
        text = text.replace(str(words), "")
    return text


def test_every_tool_is_tested() -> None:
    assert TOOLS.keys() == {t.__name__ for t in (*tools.READ_TOOLS, *tools.WRITE_TOOLS)}


@pytest.mark.parametrize("tool", TOOLS)
async def test_tool_neither_reads_nor_changes_another_workspace(
    served: Served, tool: str
) -> None:
    secret = await run_in_db(Document.objects.get, workspace=served.other)
    before = await run_in_db(rows, served.other)
    values = {"{id}": secret.public_id, "{name}": secret.name}
    for template in TOOLS[tool]:
        call_arguments = {
            key: values.get(value, value) for key, value in template.items()
        }
        async with connected(served) as client:
            result: Any = await client.call_tool(tool, call_arguments)
        response = without_questions(result.model_dump_json(), call_arguments)
        assert not [word for word in SECRETS if word in response]
    assert await run_in_db(rows, served.other) == before
    added = Document.objects.filter(workspace=served.workspace, name="secret.txt")
    await run_in_db(added.delete)


async def test_resources_are_those_of_the_workspace(served: Served) -> None:
    secret = await run_in_db(Document.objects.get, workspace=served.other)
    documents = f"lightrag://documents/{secret.public_id}"
    async with connected(served) as client:
        listed = (await client.list_resources()).model_dump_json()
        for address in (documents, "lightrag://entities/Ada%20Lovelace"):
            with pytest.raises(MCPError):
                await client.read_resource(address)
    assert not [word for word in SECRETS if word in listed]
    async with connected(served, **{"LIGHTRAG-WORKSPACE": "other"}) as client:
        assert "Lovelace" in (await client.list_resources()).model_dump_json()
        assert "Lovelace" in (await client.read_resource(documents)).model_dump_json()
