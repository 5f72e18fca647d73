from __future__ import annotations

import html
import re

from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from documents.files import file_storage
from documents.models import Chunk, Document, Status, Workspace
from retrieval.llm.usage.models import LLMCall
from tests.documents import make_files
from tests.library import Library, make_documents

FRAGMENT = {"X-Page-Fragment": "1"}


def test_an_empty_server_shows_its_status(browser: Client) -> None:
    text = browser.get("/webui/").content.decode()
    assert "Server status" in text
    assert "Embeddings" in text


def test_pages_load_nothing_from_elsewhere(browser: Client, library: Library) -> None:
    paths = ("", f"documents/{library.document.public_id}/", "graph/", "chat/")
    for path in paths:
        answer = browser.get(f"/webui/{path}")
        assert "default-src 'none'" in answer["Content-Security-Policy"]
        assert "://" not in answer.content.decode().replace("http://www.w3.org", "")


def test_a_file_is_uploaded_once(browser: Client) -> None:
    def upload() -> dict[str, object]:
        file = SimpleUploadedFile("notes.md", b"Ada knew Babbage.")
        body: dict[str, object] = browser.post("/webui/upload", {"file": file}).json()
        return body

    assert upload()["duplicate"] is False
    assert upload()["duplicate"] is True


def test_an_unsupported_file_is_rejected_with_a_reason(browser: Client) -> None:
    file = SimpleUploadedFile("notes.exe", b"MZ")
    answer = browser.post("/webui/upload", {"file": file})
    assert answer.status_code == 400
    assert answer.json()["detail"] == "This file type isn't supported."


def test_a_pasted_text_becomes_a_document(browser: Client) -> None:
    body = {"name": "pasted.md", "text": "Ada knew Babbage."}
    url = browser.post("/webui/text", body, "application/json").json()["url"]
    assert "pasted.md" in browser.get(url).content.decode()


def test_the_list_is_filtered_searched_and_paged(
    browser: Client, own_workspace: Workspace
) -> None:
    make_documents(own_workspace, 60)
    make_documents(own_workspace, 2, Status.FAILED)
    first = browser.get("/webui/", headers=FRAGMENT).content.decode()
    assert first.count("<tr>") == 51
    last = browser.get("/webui/?page=2", headers=FRAGMENT).content.decode()
    assert last.count("<tr>") == 13
    failed = browser.get("/webui/?status=failed", headers=FRAGMENT).content.decode()
    assert "The model did not answer." in failed
    assert failed.count("<tr>") == 3
    matches = browser.get("/webui/?q=PROCESSED-59", headers=FRAGMENT).content.decode()
    assert matches.count("<tr>") == 2


def test_invalid_parameters_show_the_first_page(
    browser: Client, own_workspace: Workspace
) -> None:
    make_documents(own_workspace, 1)
    for page in ("-4", "9" * 5000):
        url = f"/webui/?page={page}&sort=password&status=x"
        answer = browser.get(url, headers=FRAGMENT)
        assert answer.content.decode().count("<tr>") == 2


def test_a_refresh_of_the_list_runs_few_queries(
    browser: Client,
    own_workspace: Workspace,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    make_documents(own_workspace, 50, Status.PROCESSING)
    with django_assert_max_num_queries(11):
        browser.get("/webui/", headers=FRAGMENT)


def test_failed_documents_are_retried(
    browser: Client, own_workspace: Workspace
) -> None:
    document = make_documents(own_workspace, 1, Status.FAILED)[0]
    body = {"action": "retry", "ids": [document.public_id]}
    browser.post("/webui/act", body, "application/json")
    document.refresh_from_db()
    assert document.status == Status.PENDING


def test_all_unfinished_documents_are_stopped(
    browser: Client, own_workspace: Workspace
) -> None:
    make_documents(own_workspace, 3, Status.PENDING)
    body = {"action": "cancel", "everything": True}
    message = browser.post("/webui/act", body, "application/json").json()["message"]
    assert message == "3 documents stopped"


def test_a_document_is_deleted(browser: Client, library: Library) -> None:
    body = {"action": "delete", "ids": [library.document.public_id]}
    browser.post("/webui/delete", body, "application/json")
    assert not Document.objects.exists()


def test_chunks_link_to_the_entities_they_name(
    browser: Client, library: Library
) -> None:
    url = f"/webui/documents/{library.document.public_id}/?chunk=0"
    text = browser.get(url).content.decode()
    assert '<a href="/webui/graph/?label=Ada"><mark>Ada</mark></a>' in text
    assert 'id="chunk-0" class="chunk cited"' in text


def test_an_unknown_document_is_not_found(browser: Client) -> None:
    assert browser.get("/webui/documents/doc-none/").status_code == 404


def test_a_text_has_no_original_file(browser: Client, library: Library) -> None:
    url = f"/webui/documents/{library.document.public_id}/file"
    assert browser.get(url).status_code == 404


def test_an_uploaded_file_is_downloaded_and_never_shown(browser: Client) -> None:
    file = SimpleUploadedFile("page.html", b"<script>alert(1)</script>")
    url = browser.post("/webui/upload", {"file": file}).json()["url"]
    answer = browser.get(f"{url}file")
    assert answer["Content-Disposition"].startswith("attachment")
    assert answer["Content-Type"] == "application/octet-stream"
    answer.close()


def test_the_list_is_filtered_by_tag(browser: Client, own_workspace: Workspace) -> None:
    documents = make_documents(own_workspace, 3)
    body = {"ids": [documents[0].public_id], "add": ["tax"]}
    browser.post("/webui/tag", body, "application/json")
    text = browser.get("/webui/?tag=tax", headers=FRAGMENT).content.decode()
    assert text.count("<tr>") == 2
    assert '<a class="tag" href="?tag=tax">tax</a>' in text


def test_the_last_page_is_read_from_its_end(
    browser: Client, own_workspace: Workspace
) -> None:
    make_documents(own_workspace, 120)
    pages = [
        browser.get(f"/webui/?sort=file_path&page={n}", headers=FRAGMENT)
        for n in (1, 2, 3)
    ]
    names = re.findall(
        r">(processed-\d+\.txt)</a>", "".join(p.content.decode() for p in pages)
    )
    assert len(names) == 120
    assert len(set(names)) == 120


def test_the_cost_of_a_document_is_shown(
    browser: Client, own_workspace: Workspace
) -> None:
    document = make_documents(own_workspace, 1)[0]
    LLMCall.objects.create(
        workspace=own_workspace,
        document=document.pk,
        purpose="extract",
        prompt_tokens=1200,
        completion_tokens=34,
    )
    assert "1,234" in browser.get("/webui/", headers=FRAGMENT).content.decode()
    page = browser.get(f"/webui/documents/{document.public_id}/").content.decode()
    assert "1,200 input / 34 output tokens in 1 call" in page


def test_a_failure_is_shown_with_advice(
    browser: Client, own_workspace: Workspace
) -> None:
    document = make_documents(own_workspace, 1, Status.FAILED)[0]
    document.metadata = {"error_type": "BadCredentials"}
    document.save()
    text = browser.get(f"/webui/documents/{document.public_id}/").content.decode()
    assert "Set LLM_BINDING_API_KEY to a valid key" in text
    assert "Then select “Retry”" in text


def test_a_stopped_document_is_not_shown_as_a_failure(
    browser: Client, own_workspace: Workspace
) -> None:
    make_documents(own_workspace, 1, Status.PENDING)
    browser.post(
        "/webui/act", {"action": "cancel", "everything": True}, "application/json"
    )
    text = browser.get("/webui/", headers=FRAGMENT).content.decode()
    assert "Stopped by a user." in text
    assert "badge stopped" in text


def test_a_file_becomes_the_new_version_of_the_document_with_its_name(
    browser: Client,
) -> None:
    def upload(content: bytes, **more: str) -> None:
        file = SimpleUploadedFile("versions.md", content)
        browser.post("/webui/upload", {"file": file, **more})

    upload(b"Ada knew Babbage.")
    upload(b"Ada knew nobody.", replace="1")
    path = file_storage.path_of(Document.objects.get())
    assert path.read_bytes() == b"Ada knew nobody."


def test_a_new_version_keeps_the_name_and_must_have_the_file_type(
    browser: Client, library: Library
) -> None:
    address = f"/webui/documents/{library.document.public_id}/version"
    wrong = browser.post(address, {"file": SimpleUploadedFile("new.pdf", b"%PDF")})
    assert wrong.status_code == 422
    assert ".txt" in wrong.json()["detail"]
    right = browser.post(address, {"file": SimpleUploadedFile("new.txt", b"New.")})
    new = Document.objects.get(replaces=library.document)
    assert right.json()["url"] == f"/webui/documents/{new.public_id}/"
    address = f"/webui/documents/{library.document.public_id}/"
    assert "A new version is being processed" in browser.get(address).content.decode()
    watched = browser.get(right.json()["url"], follow=True)
    assert watched.redirect_chain == [(f"{address}?newer=1", 302)]
    assert "This version will replace" in watched.content.decode()
    new.delete()
    assert browser.get(f"{address}?newer=1").status_code == 200


def test_the_progress_of_a_document_is_shown_by_chunk(
    browser: Client, library: Library
) -> None:
    Document.objects.update(status=Status.PROCESSING)
    address = f"/webui/documents/{library.document.public_id}/"
    text = browser.get(address, headers=FRAGMENT).content.decode()
    assert text.count('<i class="done">') == 1
    assert text.count('<i class="open">') == 1


def test_a_relation_is_marked_in_sentences_that_name_both_ends(
    browser: Client, library: Library
) -> None:
    address = f"/webui/documents/{library.document.public_id}/"
    text = browser.get(address).content.decode()
    marked = re.findall(r'<span class="related" data-relations="0">(.*?)</span>', text)
    assert len(marked) == 1
    assert "Babbage" in marked[0]


def test_the_pane_of_a_source_shows_its_page_with_the_quote(
    browser: Client, own_workspace: Workspace
) -> None:
    content = make_files.pdf([("Tea", "Tea is green. It grows in Asia.")])
    file = SimpleUploadedFile("tea.pdf", content)
    browser.post("/webui/upload", {"file": file})
    document = Document.objects.get(workspace=own_workspace)
    chunk = Chunk.objects.create(
        workspace=own_workspace,
        document=document,
        order=0,
        content="Tea is green. It grows in Asia.",
        tokens=8,
        page_first=1,
        page_last=1,
        positions=[{"page": 1, "box": [50, 100, 300, 120]}],
    )
    url = f"/webui/documents/{document.public_id}/chunks/{chunk.order}"
    pane = browser.get(url, {"quote": "It grows in Asia."}).content.decode()
    sources = re.findall(r'<img src="([^"]+)"[^>]*alt="([^"]+)"', pane)
    assert sources == [(f"{url}/pages/1?quote=It+grows+in+Asia.", "Page 1 of tea.pdf")]
    image = browser.get(html.unescape(sources[0][0]))
    assert (image.status_code, image["Content-Type"]) == (200, "image/png")
    assert browser.get(f"{url}/pages/2").status_code == 404


def test_the_pane_of_a_text_shows_no_page(browser: Client, library: Library) -> None:
    url = f"/webui/documents/{library.document.public_id}/chunks/0"
    assert "<img" not in browser.get(url).content.decode()
