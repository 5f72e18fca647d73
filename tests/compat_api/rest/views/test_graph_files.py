"""`/resources/workspaces/<name>/graph.<format>` and the equivalent commands."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import networkx
import pytest
from asgiref.sync import async_to_sync
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import AsyncClient
from rest_framework.test import APIClient

from documents.models import Workspace
from graph.interchange.formats import FORMATS
from graph.models import AuditEntry, Entity
from tests.compat_api.rest.conftest import HOME
from tests.library import Library


def body_of(answer: Any) -> bytes:
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def send(client: APIClient, form: str, data: bytes, **fields: str) -> Any:
    file = SimpleUploadedFile(f"graph.{form}", data)
    body = {"file": file, **fields}
    return client.post(f"{HOME}graph.{form}", body, format="multipart")


@pytest.mark.parametrize("form", FORMATS)
def test_graph_is_exported_and_imported(
    client: APIClient, shelf: Library, form: str
) -> None:
    answer: Any = client.get(f"{HOME}graph.{form}", HTTP_ACCEPT="application/weird")
    assert answer["Content-Disposition"] == f'attachment; filename="tests.{form}"'
    assert answer["Content-Type"] == FORMATS[form].content_type
    data = body_of(answer)
    Entity.objects.all().delete()
    report = send(client, form, data)
    assert report.status_code == 200, report.content
    assert (report.json()["entities_made"], report.json()["relations_made"]) == (3, 2)
    assert body_of(client.get(f"{HOME}graph.{form}")) == data
    assert AuditEntry.objects.latest("pk").action == "graph.import"


def test_export_is_streamed_in_blocks(client: APIClient, shelf: Library) -> None:
    async def read() -> bytes:
        answer: Any = await AsyncClient().get(f"{HOME}graph.graphml")
        data = b"".join([part async for part in answer])
        answer.file.close()
        return data

    text = async_to_sync(read)().decode()
    graph: Any = networkx.parse_graphml(text)
    assert set(graph) == {"Ada", "Babbage", "Countess"}


def test_error_in_a_file_names_line_and_field(
    client: APIClient, shelf: Library
) -> None:
    answer = send(client, "jsonl", b'{"node": "New"}\n{"node": ""}\n')
    assert answer.status_code == 400
    assert answer.json() == {"detail": "Line 2, field 'name': '' is not a name"}
    assert not Entity.objects.filter(name="New").exists()
    nothing = client.post(f"{HOME}graph.jsonl", {}, format="multipart")
    assert (nothing.status_code, list(nothing.json())) == (400, ["file"])


def test_unknown_format_is_not_found(client: APIClient) -> None:
    assert client.get(f"{HOME}graph.exe").status_code == 404


def test_commands_export_and_import(
    client: APIClient, shelf: Library, tmp_path: Path
) -> None:
    file = tmp_path / "graph.graphml"
    call_command("export_graph", file, workspace="tests", stdout=io.StringIO())
    assert file.read_bytes() == body_of(client.get(f"{HOME}graph.graphml"))
    output = io.StringIO()
    call_command("import_graph", file, workspace="other", stdout=output)
    assert "3 entities and 2 relations created" in output.getvalue()
    assert Workspace.objects.get(name="other").entities.count() == 3
    assert list(tmp_path.glob(".*")) == []


def test_commands_report_errors(
    client: APIClient, shelf: Library, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match=r"Use one of \.graphml"):
        call_command("export_graph", tmp_path / "graph.xlsx")
    with pytest.raises(CommandError, match="Workspace not found: nowhere"):
        call_command("export_graph", tmp_path / "a.zip", workspace="nowhere")
    bad = tmp_path / "bad.jsonl"
    bad.write_text("nonsense")
    with pytest.raises(
        CommandError, match=r"Nothing was imported\. Line 1: invalid JSON"
    ):
        call_command("import_graph", bad, workspace="tests")
