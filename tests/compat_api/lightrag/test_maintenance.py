"""`/documents`: delete, clear, retry, cancel, scan and tag, as in LightRAG."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from documents.files import file_storage
from documents.intake import scan_tasks
from documents.models import Document, Status, Workspace
from documents.pipeline import pipeline
from graph.models import Entity
from retrieval.llm.usage.models import LLMCache
from tests.compat_api.conftest import Api

CURIE = "Marie Curie discovered Radium in Paris. Pierre Curie worked with Marie Curie."
Insert = Callable[..., str]


def test_deletion_removes_the_mentions_of_a_document(api: Api, insert: Insert) -> None:
    insert(CURIE, "curie.txt")
    public_id = Document.objects.get().public_id
    body = {"doc_ids": [public_id], "delete_file": True, "delete_llm_cache": True}
    answer = api.delete("/documents/delete_document", body)
    assert answer.json() == {
        "status": "deletion_started",
        "message": "Documents deleted: 1.",
        "doc_id": public_id,
    }
    assert not Document.objects.exists()
    assert not Entity.objects.exists()


def test_deletion_reports_the_lost_edits(api: Api, insert: Insert) -> None:
    insert(CURIE, "curie.txt")
    name = Entity.objects.order_by("name")[0].name
    edit = {"entity_name": name, "updated_data": {"description": "Mine."}}
    api.post("/graph/entity/edit", edit)
    body = {"doc_ids": [Document.objects.get().public_id]}
    message = api.delete("/documents/delete_document", body).json()["message"]
    lost_edits = (
        f"Deleted edits, because no other document mentions their subjects: {name}"
    )
    assert message == f"Documents deleted: 1. {lost_edits}."
    status = api.get("/documents/pipeline_status").json()
    assert status["latest_message"] == lost_edits


def test_unknown_document_is_reported(api: Api) -> None:
    answer = api.delete("/documents/delete_document", {"doc_ids": ["doc-1", "doc-2"]})
    assert answer.json() == {
        "status": "deletion_started",
        "message": "Documents deleted: 0. Not found: doc-1, doc-2.",
        "doc_id": "doc-1, doc-2",
    }


@pytest.mark.parametrize("ids", [["a", " a "], [" "], ["a", ""]])
def test_blank_and_repeated_ids_are_invalid(api: Api, ids: list[str]) -> None:
    answer = api.delete("/documents/delete_document", {"doc_ids": ids})
    assert answer.status_code == 422


@pytest.mark.parametrize(
    "body", [None, {}, {"modes": []}, {"modes": ["default", "mix"]}]
)
def test_cache_is_cleared(api: Api, insert: Insert, body: Any) -> None:
    insert(CURIE, "curie.txt")
    assert LLMCache.objects.exists()
    answer = api.post("/documents/clear_cache", body)
    assert answer.json()["status"] == "success"
    assert not LLMCache.objects.exists()


def test_cache_is_cleared_by_mode(api: Api, insert: Insert) -> None:
    insert(CURIE, "curie.txt")
    api.post("/documents/clear_cache", {"modes": ["naive"]})
    assert LLMCache.objects.exists()
    assert api.post("/documents/clear_cache", {"modes": ["foo"]}).status_code == 422


def test_failed_documents_are_queued_again(api: Api, workspace: Workspace) -> None:
    api.post("/documents/text", {"text": CURIE, "file_source": "curie.txt"})
    idle = "Pipeline is not currently running. No cancellation needed."
    answer = api.post("/documents/cancel_pipeline")
    assert answer.json()["status"] == "cancellation_requested"
    assert api.post("/documents/cancel_pipeline").json() == {
        "status": "not_busy",
        "message": idle,
    }
    document = Document.objects.get()
    assert (document.status, document.error_msg) == (Status.FAILED, "User cancelled")
    answer = api.post("/documents/reprocess_failed")
    assert answer.json() == {
        "status": "reprocessing_started",
        "message": "Failed documents queued again under their track ids: 1.",
        "track_id": "",
    }
    pipeline.work(workspace.pk)
    document.refresh_from_db()
    assert document.status == Status.PROCESSED


def test_source_conflicts_are_always_empty(api: Api) -> None:
    assert api.get("/documents/source_conflicts").json() == {
        "conflicts": [],
        "next_cursor": None,
    }
    answer = api.get("/documents/source_conflicts", cursor="unknown")
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith("Malformed cursor")
    body = {"canonical_source_key": "a.txt", "primary_doc_id": "doc-1"}
    assert api.post("/documents/source_conflicts/repair", body).status_code == 409
    real = body | {"dry_run": False}
    assert api.post("/documents/source_conflicts/repair", real).status_code == 422


def test_force_reset_recovers_nothing(api: Api) -> None:
    assert api.post("/documents/recovery/force_reset", {}).status_code == 400
    answer = api.post("/documents/recovery/force_reset", {"confirm": True})
    assert answer.json()["status"] == "no_recovery_required"


def test_scan_finds_the_files_in_the_folder(api: Api, workspace: Workspace) -> None:
    folder = file_storage.folder(workspace)
    (folder / "found.txt").write_text(CURIE)
    (folder / "found.exe").write_text("MZ")
    answer = api.post("/documents/scan").json()
    assert answer["status"] == "scanning_started"
    path = f"/documents/scan/status/{answer['track_id']}"
    assert api.get(path).json()["status"] == "running"
    scan_tasks.run(workspace.pk, answer["track_id"])
    job = api.get(path).json()
    assert (job["status"], job["version"]) == ("completed", 2)
    counts = {kind: number for kind, number in job["counts"].items() if number}
    assert counts == {"discovered": 2, "new": 1, "unsupported": 1}
    assert job["samples"] == {
        "processed": {"items": [], "truncated": True, "dropped": 1},
        "warning": {"items": [], "truncated": False, "dropped": 0},
        "error": {"items": [], "truncated": True, "dropped": 1},
    }
    tracked = api.get(f"/documents/track_status/{answer['track_id']}").json()
    assert [document["file_path"] for document in tracked["documents"]] == ["found.txt"]


def test_unknown_scan_is_not_found(api: Api) -> None:
    answer = api.get("/documents/scan/status/scan_1")
    assert answer.status_code == 404
    assert answer.json() == {"detail": "No scan job found for track_id scan_1"}


def test_documents_are_tagged_at_upload_and_later(api: Api) -> None:
    body = {"text": CURIE, "file_source": "curie.txt", "tags": ["physics", "paris"]}
    api.post("/documents/text", body)
    file = SimpleUploadedFile("tea.txt", b"Green tea.")
    fields = {"file": file, "tags": ["drinks, Asia", "green"]}
    Client().post("/documents/upload", fields)
    tags = {document.name: document.tags for document in Document.objects.all()}
    assert tags == {
        "curie.txt": ["paris", "physics"],
        "tea.txt": ["Asia", "drinks", "green"],
    }
    public_id = Document.objects.get(name="curie.txt").public_id
    answer = api.put(f"/documents/{public_id}/tags", {"tags": ["radium"]})
    assert answer.json() == {"tags": ["radium"]}
    assert Document.objects.get(name="curie.txt").tags == ["radium"]


def test_invalid_tag_is_reported(api: Api) -> None:
    body = {"text": CURIE, "file_source": "curie.txt", "tags": ["a,b"]}
    answer = api.post("/documents/text", body)
    assert answer.status_code == 422
    assert "Invalid tag" in answer.json()["detail"]
