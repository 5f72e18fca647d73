"""`/resources/workspaces/<name>/documents/`."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image
from pytest_django import DjangoAssertNumQueries
from rest_framework.test import APIClient

from documents.models import Document, EventKind, Status, Workspace
from documents.pipeline import pipeline
from documents.workspaces import event_log
from retrieval.llm.usage.models import LLMCall
from tests import library
from tests.compat_api.rest.conftest import HOME, results
from tests.documents import make_files
from tests.library import Library

DOCUMENTS = f"{HOME}documents/"


def upload_text(client: APIClient, **body: Any) -> Any:
    return client.post(DOCUMENTS, body, format="json")


def test_text_is_accepted_and_its_url_returned(client: APIClient) -> None:
    answer = upload_text(client, text="Ada knew Babbage.", name="ada.txt")
    assert answer.status_code == 202
    assert answer.json()["name"] == "ada.txt"
    assert answer.json()["status"] == "pending"
    assert client.get(answer["Location"]).json()["id"] == answer.json()["id"]


def test_uploaded_file_is_returned_unchanged(client: APIClient) -> None:
    file = SimpleUploadedFile("ada.txt", b"Ada knew Babbage.")
    answer = client.post(DOCUMENTS, {"file": file}, format="multipart")
    assert answer.status_code == 202, answer.content
    download: Any = client.get(f"{answer['Location']}file/")
    assert b"".join(download.streaming_content) == b"Ada knew Babbage."
    assert download["Content-Disposition"] == 'attachment; filename="ada.txt"'
    assert download["X-Content-Type-Options"] == "nosniff"


def test_the_name_of_a_file_may_contain_folders(client: APIClient) -> None:
    def upload(name: str) -> Any:
        file = SimpleUploadedFile("report.txt", name.encode())
        return client.post(DOCUMENTS, {"file": file, "name": name}, format="multipart")

    answers = [upload("2023/report.txt"), upload("2024/report.txt")]
    assert [answer.json()["name"] for answer in answers] == [
        "2023/report.txt",
        "2024/report.txt",
    ]
    download: Any = client.get(f"{answers[1]['Location']}file/")
    assert b"".join(download.streaming_content) == b"2024/report.txt"
    assert download["Content-Disposition"] == 'attachment; filename="report.txt"'
    assert upload("2024/report.txt").status_code == 409
    for name in ("../report.txt", "a/../../report.txt", "/report.txt", "a\\report.txt"):
        assert upload(name).status_code == 400


def test_the_image_of_a_page_shows_the_whole_page(client: APIClient) -> None:
    content = make_files.pdf([("Tea", "Green."), ("Coffee", "Black.")])
    file = SimpleUploadedFile("ada.pdf", content)
    answer = client.post(DOCUMENTS, {"file": file}, format="multipart")
    url = answer["Location"] + "pages/{}/"
    image = client.get(url.format(2), {"width": 300})
    assert image.status_code == 200
    assert image["Content-Type"] == "image/png"
    width, height = Image.open(io.BytesIO(image.content)).size
    assert width == 300
    assert height / width == pytest.approx(297 / 210, rel=0.01)
    assert client.get(url.format(3)).status_code == 404
    assert client.get(url.format(1), {"width": 9}).status_code == 400
    text = upload_text(client, text="No pages.", name="a.txt")
    assert client.get(f"{text['Location']}pages/1/").status_code == 404


def test_existing_name_is_a_conflict(client: APIClient) -> None:
    upload_text(client, text="One.", name="ada.txt")
    assert upload_text(client, text="Two.", name="ada.txt").status_code == 409
    file = SimpleUploadedFile("ada.txt", b"Three.")
    answer = client.post(DOCUMENTS, {"file": file}, format="multipart")
    assert answer.status_code == 409
    assert "ada.txt" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("body", "status", "word"),
    [
        ({}, 400, "non_field_errors"),
        ({"text": ""}, 400, "text"),
        ({"text": "a\0b", "name": "a.txt"}, 400, "text"),
        ({"text": "x", "name": ".."}, 400, "detail"),
        ({"text": "x", "replace": "perhaps"}, 400, "replace"),
        ({"text": "x", "replace": 1}, 400, "replace"),
    ],
)
def test_invalid_upload_names_the_field(
    client: APIClient, body: Any, status: int, word: str
) -> None:
    answer = upload_text(client, **body)
    assert answer.status_code == status
    assert word in answer.json()
    assert not Document.objects.exists()


def test_unsupported_file_type_is_refused(client: APIClient) -> None:
    file = SimpleUploadedFile("ada.exe", b"MZ")
    answer = client.post(DOCUMENTS, {"file": file}, format="multipart")
    assert answer.status_code == 415


def test_document_has_text_chunks_timeline_and_cost(
    client: APIClient, workspace: Workspace
) -> None:
    home = upload_text(client, text="Ada knew Babbage.", name="ada.txt")["Location"]
    pipeline.work(workspace.pk)
    document = Document.objects.get()
    assert client.get(f"{home}content/").json()["text"] == "Ada knew Babbage."
    chunk = results(client.get(f"{home}chunks/"))[0]
    assert (chunk["document"], chunk["content"]) == (
        document.public_id,
        "Ada knew Babbage.",
    )
    assert results(client.get(f"{home}timeline/"))
    cost = client.get(f"{home}cost/").json()
    assert cost["calls"] == LLMCall.objects.filter(document=document.pk).count() > 0
    assert cost["prompt_tokens"] == sum(
        row["prompt_tokens"] for row in cost["by_purpose"]
    )


def test_missing_text_and_file_are_not_found(client: APIClient, shelf: Library) -> None:
    home = f"{DOCUMENTS}{shelf.document.public_id}/"
    assert client.get(f"{home}content/").status_code == 404
    assert client.get(f"{home}file/").status_code == 404
    assert client.get(f"{DOCUMENTS}doc-unknown/").json() == {
        "detail": "No Document matches the given query."
    }


def test_deletion_removes_mentions(client: APIClient, workspace: Workspace) -> None:
    home = upload_text(client, text="Ada knew Babbage.", name="ada.txt")["Location"]
    pipeline.work(workspace.pk)
    assert results(client.get(f"{HOME}entities/"))
    assert client.delete(home).status_code == 204
    assert client.get(home).status_code == 404
    assert results(client.get(f"{HOME}entities/")) == []


def test_documents_are_filtered_by_status_name_and_time(
    client: APIClient, workspace: Workspace
) -> None:
    library.make_documents(workspace, 2)
    library.make_documents(workspace, 1, status=Status.FAILED)
    assert len(results(client.get(DOCUMENTS, {"status": "failed"}))) == 1
    assert len(results(client.get(DOCUMENTS, {"status": ["failed", "processed"]}))) == 3
    assert len(results(client.get(DOCUMENTS, {"name_contains": "PROCESSED"}))) == 2
    assert results(client.get(DOCUMENTS, {"created_before": "2001-01-01T00:00Z"})) == []
    answer = client.get(DOCUMENTS, {"status": "gone"})
    assert answer.status_code == 400
    assert "status" in answer.json()


def test_documents_are_tagged_and_filtered_by_tag(client: APIClient) -> None:
    home = upload_text(client, text="One.", name="1.txt", tags=["tax"])["Location"]
    upload_text(client, text="Two.", name="2.txt", tags=["tax", "2024"])
    assert len(results(client.get(DOCUMENTS, {"tag": "tax"}))) == 2
    assert len(results(client.get(DOCUMENTS, {"tag": "2024"}))) == 1
    changed = client.patch(home, {"tags": ["new", "new"]}, format="json")
    assert changed.json()["tags"] == ["new"]
    assert len(results(client.get(DOCUMENTS, {"tag": "tax"}))) == 1
    bad = client.patch(home, {"tags": ["a,b"]}, format="json")
    assert (bad.status_code, list(bad.json())) == (400, ["tags"])


def test_list_takes_three_queries(
    client: APIClient,
    workspace: Workspace,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    """The queries are: API keys, workspace, page."""
    for document in library.make_documents(workspace, 30):
        library.make_chunks(document, ["One.", "Two."])
        event_log.record(document, EventKind.PARSED, "Parsed")
    home = f"{DOCUMENTS}{document.public_id}/"
    with django_assert_num_queries(3):
        assert len(results(client.get(DOCUMENTS))) == 30
    with django_assert_num_queries(3):
        assert len(results(client.get(f"{HOME}chunks/"))) == 50
    for part, count in (("chunks", 2), ("timeline", 1)):
        with django_assert_num_queries(4):
            assert len(results(client.get(f"{home}{part}/"))) == count
    with django_assert_num_queries(4):
        client.get(f"{home}cost/")


@pytest.fixture
def tea(client: APIClient, workspace: Workspace) -> str:
    """Upload and process a document with two figures; return its URL."""
    content = make_files.word_with_figures(["Figure 1: Tea", "Figure 2: Rice"])
    file = SimpleUploadedFile("tea.docx", content)
    answer = client.post(DOCUMENTS, {"file": file}, format="multipart")
    pipeline.work(workspace.pk)
    return str(answer["Location"])


def test_figures_are_listed_and_served(client: APIClient, tea: str) -> None:
    document = client.get(tea).json()["id"]
    first, second = results(client.get(f"{tea}figures/"))
    assert first == {
        "number": 1,
        "url": f"{DOCUMENTS}{document}/figures/1/",
        "chunk": f"{document}-chunk-000",
        "page": None,
        "box": None,
        "media_type": "image/png",
        "width": 240,
        "height": 160,
        "caption": "Figure 1: Tea",
        "description": "",
    }
    assert second["caption"] == "Figure 2: Rice"
    image = client.get(second["url"])
    assert image.content == make_files.picture(240, 160, seed=1)
    assert image["Content-Type"] == "image/png"
    assert image["X-Content-Type-Options"] == "nosniff"
    assert image["Cache-Control"] == "private, no-cache"
    again = client.get(second["url"], headers={"If-None-Match": image["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_figures_that_do_not_exist_are_not_found(client: APIClient, tea: str) -> None:
    assert client.get(f"{tea}figures/3/").status_code == 404
    assert client.get(f"{tea}figures/0/").status_code == 404
    Workspace.objects.create(
        name="others", embedding_model="fake:hash", embedding_dimensions=64
    )
    foreign = tea.replace("workspaces/tests/", "workspaces/others/")
    assert client.get(f"{foreign}figures/1/").status_code == 404
    client.delete(tea)
    assert client.get(f"{tea}figures/1/").status_code == 404


@pytest.mark.parametrize(
    ("time", "status"),
    [("2024-01-01T00:00:00+23:59", 200), ("9999-12-31T23:59:59-23:59", 400)],
)
def test_times_with_large_offsets_are_compared_or_refused(
    client: APIClient, time: str, status: int
) -> None:
    answer = client.get(DOCUMENTS, {"created_after": time})
    assert answer.status_code == status
