"""`/documents`: upload, lists and status, with LightRAG's responses."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from documents.files import file_storage
from documents.models import Document, Status, Workspace
from documents.pipeline import pipeline
from tests.compat_api.conftest import Api, Configure

CURIE = "Marie Curie discovered Radium in Paris. Pierre Curie worked with Marie Curie."
NO_DOCUMENTS = dict.fromkeys([*Status.values, "all"], 0)
Insert = Callable[..., str]


def upload(name: str, content: bytes = CURIE.encode()) -> Any:
    file = SimpleUploadedFile(name, content)
    return Client().post("/documents/upload", {"file": file})


def stored(tmp_path: Path) -> list[str]:
    """Return the names of all files on disk, which must be in the workspace's folder."""
    files = [path for path in tmp_path.rglob("*") if path.is_file()]
    folder = file_storage.folder(Workspace.objects.get(name="tests"))
    assert all(path.parent == folder for path in files)
    return sorted(path.name for path in files)


def test_text_is_accepted_and_tracked_until_processed(
    api: Api, workspace: Workspace
) -> None:
    answer = api.post("/documents/text", {"text": CURIE, "file_source": "curie.txt"})
    body = answer.json()
    track_id = body.pop("track_id")
    assert body == {
        "status": "success",
        "message": "Text successfully received. Processing will continue in background.",
    }
    assert re.fullmatch(r"insert_\d{8}_\d{6}_[0-9a-f]{8}", track_id)
    pipeline.work(workspace.pk)
    tracked = api.get(f"/documents/track_status/{track_id}").json()
    [document] = tracked.pop("documents")
    assert tracked == {
        "track_id": track_id,
        "total_count": 1,
        "status_summary": {"processed": 1},
    }
    assert document["id"].startswith("doc-")
    assert document["created_at"].endswith("+00:00")
    assert {key: document[key] for key in ("content_summary", "content_length")} == {
        "content_summary": CURIE,
        "content_length": len(CURIE),
    }
    assert (document["status"], document["chunks_count"]) == ("processed", 1)
    assert (document["error_msg"], document["file_path"]) == (None, "curie.txt")


def test_unknown_track_id_has_no_documents(api: Api) -> None:
    assert api.get("/documents/track_status/nothing").json() == {
        "track_id": "nothing",
        "documents": [],
        "total_count": 0,
        "status_summary": {},
    }


def test_blank_track_id_is_invalid(api: Api) -> None:
    answer = api.get("/documents/track_status/%20")
    assert answer.status_code == 400
    assert answer.json() == {"detail": "Track ID cannot be empty"}


def test_text_without_a_source_is_accepted_as_in_1_4_4(api: Api) -> None:
    assert api.post("/documents/text", {"text": "Hello world"}).status_code == 200
    empty = {"text": "Hello again", "file_source": ""}
    assert api.post("/documents/text", empty).status_code == 200


def test_text_with_an_existing_name_is_a_conflict(api: Api) -> None:
    body = {"text": CURIE, "file_source": "curie.txt"}
    api.post("/documents/text", body)
    answer = api.post("/documents/text", body | {"text": "Other"})
    assert answer.status_code == 409
    assert "Document storage already contains 'curie.txt'" in answer.json()["detail"]


@pytest.mark.parametrize("text", ["", "   ", "\0", "\x01\x02"])
def test_blank_text_is_refused(api: Api, text: str) -> None:
    answer = api.post("/documents/text", {"text": text, "file_source": "a.txt"})
    assert answer.status_code in (400, 422)
    assert not Document.objects.exists()


def test_error_for_a_blank_text_is_lightrags(api: Api) -> None:
    answer = api.post("/documents/text", {"text": " ", "file_source": "a.txt"})
    assert answer.json()["detail"][0]["msg"] == (
        "Value error, text cannot be empty or whitespace-only"
    )


@pytest.mark.parametrize("source", ["  ", "no-file-path", "unknown_source"])
def test_blank_source_counts_as_missing(api: Api, source: str) -> None:
    answer = api.post("/documents/text", {"text": CURIE, "file_source": source})
    assert answer.status_code == 400
    assert answer.json()["detail"] == (
        "A valid file_source is required for text insertion"
    )


@pytest.mark.parametrize(
    ("bad", "code_point"), [("\n", "U+000A"), ("\u202e", "U+202E")]
)
def test_source_with_a_forbidden_character_is_invalid(
    api: Api, bad: str, code_point: str
) -> None:
    answer = api.post("/documents/text", {"text": CURIE, "file_source": f"a{bad}b"})
    assert answer.status_code == 422
    [error] = answer.json()["detail"]
    assert error["loc"] == ["body", "file_source"]
    assert error["msg"] == (
        f"Value error, file_source must not contain the character {code_point}"
    )


@pytest.mark.parametrize(
    ("chunking", "loc", "message"),
    [
        ("fixed_token", ["body", "chunking"], "valid dictionary"),
        ({"size": 1}, ["body", "chunking", "size"], "Extra inputs are not permitted"),
        (
            {
                "strategy": "semantic_vector",
                "params": {"breakpoint_threshold_amount": 101},
            },
            ["body", "chunking"],
            "must be within (0, 100] for percentile/gradient",
        ),
    ],
)
def test_invalid_chunking_is_a_field_error(
    api: Api, chunking: Any, loc: list[str], message: str
) -> None:
    body = {"text": CURIE, "file_source": "a.txt", "chunking": chunking}
    answer = api.post("/documents/text", body)
    assert answer.status_code == 422
    [error] = answer.json()["detail"]
    assert error["loc"] == loc
    assert message in error["msg"]


def test_custom_chunking_function_is_refused(api: Api) -> None:
    chunking = {"strategy": "custom"}
    body = {"text": CURIE, "file_source": "a.txt", "chunking": chunking}
    answer = api.post("/documents/text", body)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("Invalid chunking configuration: ")


def test_nul_and_lone_surrogates_are_removed(api: Api) -> None:
    text = "Marie\0 Curie \ud800 found Radium"
    answer = api.post("/documents/text", {"text": text, "file_source": "a\ud800.txt"})
    assert answer.status_code == 200
    document = Document.objects.get()
    assert "\0" not in document.content.text
    assert document.name.encode()


def test_overlap_larger_than_the_chunk_is_refused(api: Api) -> None:
    params = {"chunk_token_size": 8}
    chunking = {"strategy": "recursive_character", "params": params}
    body = {"text": "Alpha", "file_source": "bad2.txt", "chunking": chunking}
    answer = api.post("/documents/text", body)
    assert answer.status_code == 422
    assert answer.json()["detail"].startswith("Invalid chunking configuration: ")


def test_several_texts_are_accepted(api: Api) -> None:
    body = {"texts": ["Einstein.", "Newton."], "file_sources": ["e.txt", "n.md"]}
    answer = api.post("/documents/texts", body)
    assert answer.status_code == 200
    assert answer.json()["message"].startswith("Texts successfully received.")
    assert Document.objects.count() == 2


@pytest.mark.parametrize("sources", [["a.txt"], ["a.txt", "a.txt"], ["a.txt", "c.txt"]])
def test_several_texts_are_accepted_completely_or_not_at_all(
    api: Api, sources: list[str]
) -> None:
    api.post("/documents/text", {"text": "There.", "file_source": "c.txt"})
    body = {"texts": ["One.", "Two."], "file_sources": sources}
    assert api.post("/documents/texts", body).status_code in (400, 409)
    assert Document.objects.count() == 1


def test_too_many_texts_are_refused(api: Api, configure: Configure) -> None:
    configure(max_texts_per_request=1)
    body = {"texts": ["One.", "Two."], "file_sources": ["a.txt", "b.txt"]}
    assert api.post("/documents/texts", body).status_code == 413


def test_file_is_stored_and_queued(api: Api, tmp_path: Path) -> None:
    answer = upload("galileo.txt")
    body = answer.json()
    assert body["status"] == "success"
    assert body["message"] == (
        "File 'galileo.txt' uploaded successfully. "
        "Processing will continue in background."
    )
    assert body["track_id"].startswith("upload_")
    assert stored(tmp_path) == ["galileo.txt"]


def test_existing_file_is_a_duplicate_with_its_first_track_id(
    api: Api, tmp_path: Path
) -> None:
    first = upload("galileo.txt").json()
    again = upload("galileo.txt", b"other")
    assert again.status_code == 200
    assert again.json() == {
        "status": "duplicated",
        "message": "File 'galileo.txt' already exists in the input directory.",
        "track_id": first["track_id"],
    }
    assert stored(tmp_path) == ["galileo.txt"]


def test_error_for_an_unsupported_type_lists_the_supported_ones(
    api: Api, tmp_path: Path
) -> None:
    answer = upload("virus.exe")
    assert answer.status_code == 400
    assert answer.json()["detail"].startswith(
        "Unsupported file type. Supported types: ("
    )
    assert stored(tmp_path) == []


def test_invalid_hint_in_a_file_name_is_refused(api: Api) -> None:
    answer = upload("x.[bogus-F].txt")
    assert answer.status_code == 400
    assert "unsupported parser engine 'bogus'" in answer.json()["detail"]


def test_option_without_effect_in_a_file_name_is_refused_with_its_reason(
    api: Api, tmp_path: Path
) -> None:
    answer = upload("x.[native-Ri].txt")
    assert answer.status_code == 400
    assert "VLM_PROCESS_ENABLE" in answer.json()["detail"]
    assert stored(tmp_path) == []


def test_path_in_a_file_name_is_ignored(api: Api, tmp_path: Path) -> None:
    upload("../../etc/evil.txt")
    upload("..\\windows.txt")
    assert stored(tmp_path) == ["evil.txt", "windows.txt"]


def test_empty_file_is_refused(api: Api, tmp_path: Path) -> None:
    answer = upload("empty.txt", b"")
    assert (answer.status_code, answer.json()["detail"]) == (
        400,
        "'empty.txt' is empty.",
    )
    assert stored(tmp_path) == []


def test_file_over_the_limit_is_too_large(
    api: Api, tmp_path: Path, configure: Configure
) -> None:
    configure(max_upload_bytes=10)
    assert upload("big.txt").status_code == 413
    assert stored(tmp_path) == []


def upload_with_path(path: str, content: bytes) -> Any:
    file = SimpleUploadedFile("report.txt", content)
    return Client().post("/documents/upload", {"file": file, "path": path})


def test_files_of_an_uploaded_folder_keep_their_paths(api: Api) -> None:
    assert upload_with_path("2023/report.txt", b"Tea was cheap.").status_code == 200
    assert upload_with_path("2024/a/report.txt", b"Tea is dear.").status_code == 200
    again = upload_with_path("2024/a/report.txt", b"Tea is dear.").json()
    assert again["status"] == "duplicated"
    assert "2024/a/report.txt" in again["message"]
    folder = file_storage.folder(Workspace.objects.get(name="tests"))
    assert (folder / "2023" / "report.txt").read_bytes() == b"Tea was cheap."
    assert (folder / "2024" / "a" / "report.txt").read_bytes() == b"Tea is dear."


@pytest.mark.parametrize(
    "path",
    [
        "../report.txt",
        "a/../../report.txt",
        "/etc/report.txt",
        "a//report.txt",
        "a\\..\\report.txt",
        "a/./report.txt",
        "C:/report.txt",
        "__parsed__/report.txt",
        "a/",
    ],
)
def test_a_path_outside_the_folder_is_rejected(
    api: Api, tmp_path: Path, path: str
) -> None:
    assert upload_with_path(path, b"Tea.").status_code == 400
    assert not list(tmp_path.rglob("report*"))


def test_upload_without_a_file_is_invalid(api: Api) -> None:
    answer = Client().post("/documents/upload", {})
    assert answer.status_code == 422
    [error] = answer.json()["detail"]
    assert (error["type"], error["loc"]) == ("missing", ["body", "file"])


def test_empty_workspace_has_an_empty_page(api: Api) -> None:
    assert api.post("/documents/paginated", {}).json() == {
        "documents": [],
        "pagination": {
            "page": 1,
            "page_size": 50,
            "total_count": 0,
            "total_pages": 0,
            "has_next": False,
            "has_prev": False,
        },
        "status_counts": NO_DOCUMENTS,
    }


def test_page_has_lightrags_form(api: Api, insert: Insert) -> None:
    insert(CURIE, "curie.txt")
    page = api.post("/documents/paginated", {"page_size": 10}).json()
    [document] = page["documents"]
    assert list(document) == [
        "id",
        "content_summary",
        "content_length",
        "status",
        "created_at",
        "updated_at",
        "track_id",
        "chunks_count",
        "error_msg",
        "metadata",
        "file_path",
        "tags",
    ]
    assert page["status_counts"] == NO_DOCUMENTS | {"processed": 1, "all": 1}
    nulls = {"status_filter": None, "status_filters": None}
    assert api.post("/documents/paginated", nulls).json()["documents"] == [document]
    failed = {"status_filter": "failed", "status_filters": None}
    assert api.post("/documents/paginated", failed).json()["documents"] == []


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("/documents/paginated", 4),
        ("/documents/status_counts", 3),
        ("/documents/pipeline_status", 6),
        ("/documents", 3),
        ("/graph/label/list", 3),
        ("/health", 5),
    ],
)
def test_polled_operations_use_few_queries(
    api: Api,
    insert: Insert,
    path: str,
    queries: int,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    insert(CURIE, "curie.txt")
    with django_assert_max_num_queries(queries):
        answer = api.post(path, {}) if path.endswith("paginated") else api.get(path)
    assert answer.status_code == 200


def test_page_after_the_end_is_empty(api: Api, insert: Insert) -> None:
    insert(CURIE, "curie.txt")
    page = api.post("/documents/paginated", {"page": 10**30}).json()
    assert page["documents"] == []
    assert page["pagination"]["has_prev"] is True


def test_list_of_1_4_4_groups_documents_by_status(api: Api, insert: Insert) -> None:
    assert api.get("/documents").json() == {"statuses": {}}
    insert(CURIE, "curie.txt")
    api.post("/documents/text", {"text": "Waits.", "file_source": "waits.txt"})
    statuses = api.get("/documents").json()["statuses"]
    assert {status: len(rows) for status, rows in statuses.items()} == {
        "processed": 1,
        "pending": 1,
    }
    assert statuses["processed"][0]["error"] is None


def test_documents_are_counted_by_status(api: Api, insert: Insert) -> None:
    insert(CURIE, "curie.txt")
    counts = api.get("/documents/status_counts").json()["status_counts"]
    assert counts == NO_DOCUMENTS | {"processed": 1, "all": 1}


def test_status_of_an_idle_pipeline(api: Api) -> None:
    status = api.get("/documents/pipeline_status").json()
    assert (status["busy"], status["job_name"], status["job_start"]) == (
        False,
        "-",
        None,
    )
    assert (status["docs"], status["history_messages"]) == (0, [])


def test_status_of_a_busy_pipeline_names_its_job(api: Api) -> None:
    body = {"text": CURIE, "file_source": "a-name-of-more-than-twenty.txt"}
    api.post("/documents/text", body)
    status = api.get("/documents/pipeline_status").json()
    assert status["busy"] is True
    assert status["job_name"] == "a-name-of-more-than-[1 files]"
    assert (status["docs"], status["batchs"], status["cur_batch"]) == (1, 1, 0)
    assert status["request_pending"] is True


def test_status_names_the_last_job(api: Api, insert: Insert) -> None:
    insert(CURIE, "curie.txt")
    status = api.get("/documents/pipeline_status").json()
    assert (status["busy"], status["job_name"]) == (False, "curie.txt[1 files]")
    assert status["docs"] == status["batchs"] == status["cur_batch"] == 1
    document = Document.objects.get()
    assert status["job_start"] == document.created_at.isoformat()
    body = {"doc_ids": [document.public_id]}
    api.delete("/documents/delete_document", body)
    status = api.get("/documents/pipeline_status").json()
    assert status["job_name"] == "Deleting 1 Documents"
    assert status["job_start"] is not None


def test_uploads_over_the_queue_limit_are_refused(
    api: Api, configure: Callable[..., None]
) -> None:
    configure(max_pending_documents=2)
    texts = {"texts": ["One.", "Two.", "Three."], "file_sources": ["1", "2", "3"]}
    answer = api.post("/documents/texts", texts)
    assert (answer.status_code, answer["Retry-After"]) == (429, "30")
    assert answer.json()["detail"] == (
        "Pipeline is at capacity: 0 document(s) already active or reserved, 3 requested,"
        " capacity 2. Retry once documents finish processing."
    )
    assert api.post("/documents/text", {"text": "One.", "file_source": "1"}).json()
    assert upload("two.txt", b"Two.").status_code == 200
    refused = upload("three.txt", b"Three.")
    assert (refused.status_code, refused["Retry-After"]) == (429, "30")
    assert Document.objects.count() == 2


def test_pipeline_history_contains_the_events(api: Api, insert: Insert) -> None:
    insert(CURIE, "curie.txt")
    status = api.get("/documents/pipeline_status").json()
    assert status["busy"] is False
    assert status["latest_message"] == status["history_messages"][-1]
    assert "curie.txt" in status["latest_message"]


def test_supported_file_types_are_listed(api: Api) -> None:
    answer = api.get("/documents/supported_file_types")
    assert answer["Cache-Control"] == "no-store"
    assert {".pdf", ".docx", ".md", ".txt"} <= set(
        answer.json()["supported_extensions"]
    )
    assert set(answer.json()["engines"]) == {"legacy", "native"}


def test_clearing_removes_everything(api: Api, insert: Insert, tmp_path: Path) -> None:
    insert(CURIE, "curie.txt")
    upload("galileo.txt", b"Galileo looked at Jupiter.")
    answer = api.delete("/documents")
    assert answer.json() == {
        "status": "success",
        "message": "All documents cleared successfully. Deleted 1 files.",
    }
    assert not Document.objects.exists()
    assert stored(tmp_path) == []
