"""Documents in the admin: handed in, watched, tried again, deleted."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from documents.models import Chunk, Document, PipelineEvent, Status, Workspace
from documents.queries import entity_highlight
from documents.workspaces import lookup
from graph.models import ChunkExtraction, Entity
from retrieval.index import lexical
from tests.library import Library, make_chunks, make_documents, make_library

LIST = "admin:documents_document_changelist"
UPLOAD = "admin:documents_document_add"
LIVE = "admin:documents_document_live"


pytestmark = pytest.mark.usefixtures("inputs")


@pytest.fixture
def library(workspace: Workspace) -> Library:
    return make_library(workspace)


def test_a_full_list_of_documents_takes_few_queries(
    workspace: Workspace,
    admin_client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    make_documents(workspace, 60)
    for document in make_documents(workspace, 60, Status.PROCESSING):
        make_chunks(document, ["one", "two"])
    with django_assert_max_num_queries(8):
        response = admin_client.get(reverse(LIST))
    assert len(response.context["cl"].result_list) == 50


@pytest.mark.parametrize("model", ["chunk", "pipelineevent", "workspace"])
def test_the_other_lists_take_few_queries(
    library: Library,
    admin_client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    model: str,
) -> None:
    make_chunks(make_documents(library.workspace, 1, Status.FAILED)[0], ["x"] * 60)
    PipelineEvent.objects.bulk_create(
        PipelineEvent(
            workspace=library.workspace, document=library.document, message=f"Line {n}"
        )
        for n in range(110)
    )
    with django_assert_max_num_queries(6):
        response = admin_client.get(reverse(f"admin:documents_{model}_changelist"))
    assert response.status_code == 200


def test_documents_are_counted_by_status_and_filtered_by_it(
    workspace: Workspace, admin_client: Client
) -> None:
    make_documents(workspace, 3)
    make_documents(workspace, 1, Status.FAILED)
    response = admin_client.get(reverse(LIST), {"status__exact": "failed"})
    strip = {item.value: item.count for item in response.context["status_strip"]}
    assert strip == {"": 4, "processed": 3, "failed": 1}
    assert [d.status for d in response.context["cl"].result_list] == ["failed"]


def test_progress_counts_the_chunks_whose_extraction_is_stored(
    workspace: Workspace, admin_client: Client
) -> None:
    document = make_documents(workspace, 1, Status.PROCESSING)[0]
    first, _ = make_chunks(document, ["one", "two"])
    ChunkExtraction.objects.create(chunk=first, records={}, model="fake")
    text = admin_client.get(reverse(LIVE), {"ids": document.pk}).content.decode()
    assert 'value="50"' in text
    assert "1 / 2" in text


def test_a_page_asks_again_only_while_something_is_unfinished(
    workspace: Workspace,
    admin_client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    busy = make_documents(workspace, 1, Status.PROCESSING)[0]
    done = make_documents(workspace, 1)[0]
    with django_assert_max_num_queries(3):
        both = admin_client.get(reverse(LIVE), {"ids": f"{busy.pk},{done.pk},x"})
    assert f'hx-get="{reverse(LIVE)}?ids={busy.pk}"' in both.content.decode()
    assert f"document-{done.pk}-status" in both.content.decode()
    last = admin_client.get(reverse(LIVE), {"ids": done.pk})
    assert last["HX-Refresh"] == "true"


def test_updates_are_for_staff_who_may_see_documents(
    workspace: Workspace, client: Client, django_user_model: type
) -> None:
    document = make_documents(workspace, 1)[0]
    user = django_user_model.objects.create_user("guest", is_staff=True)  # type: ignore[attr-defined]
    client.force_login(user)
    assert client.get(reverse(LIVE), {"ids": document.pk}).status_code == 403


def upload(client: Client, workspace: Workspace, *files: SimpleUploadedFile) -> str:
    data = {"form": "files", "files-workspace": workspace.pk, "files-files": files}
    return client.post(reverse(UPLOAD), data, follow=True).content.decode()


def test_the_pages_script_is_told_what_became_of_a_file(
    workspace: Workspace, admin_client: Client
) -> None:
    def send(name: str) -> dict[str, str]:
        file = SimpleUploadedFile(name, b"The Nile flows through Egypt.")
        data = {"form": "files", "files-workspace": workspace.pk, "files-files": file}
        headers = {"Accept": "application/json"}
        answer = admin_client.post(reverse(UPLOAD), data, headers=headers)
        (told,) = answer.json()["files"]
        return dict(told)

    first = send("nile.txt")
    document = Document.objects.get()
    assert first["url"] == reverse(
        "admin:documents_document_change", args=[document.pk]
    )
    assert first["state"] == "queued"
    assert send("nile.txt")["state"] == "already exists"
    assert "Unsupported" in send("nile.exe")["refusal"]


def test_several_files_are_handed_in_at_once_and_each_gets_its_answer(
    workspace: Workspace, admin_client: Client
) -> None:
    page = upload(
        admin_client,
        workspace,
        SimpleUploadedFile("notes.txt", b"Ada knew Babbage."),
        SimpleUploadedFile("筆記.md", "王小明".encode()),
        SimpleUploadedFile("virus.exe", b"MZ"),
        SimpleUploadedFile("empty.txt", b""),
    )
    assert sorted(Document.objects.values_list("name", flat=True)) == [
        "notes.txt",
        "筆記.md",
    ]
    assert "virus.exe: " in page
    assert "empty.txt: " in page
    assert page.count("is queued.") == 2


def test_an_existing_file_is_not_stored_twice(
    workspace: Workspace, admin_client: Client
) -> None:
    upload(admin_client, workspace, SimpleUploadedFile("a.txt", b"Ada."))
    page = upload(admin_client, workspace, SimpleUploadedFile("a.txt", b"Ada."))
    assert "already exists" in page
    assert Document.objects.count() == 1


def test_no_file_chosen_is_answered_on_the_page(
    workspace: Workspace, admin_client: Client
) -> None:
    page = upload(admin_client, workspace)
    assert "This field is required." in page


def test_a_text_is_pasted_in(workspace: Workspace, admin_client: Client) -> None:
    data = {
        "form": "text",
        "text-workspace": workspace.pk,
        "text-name": "memo",
        "text-text": "Ada knew Babbage.",
    }
    page = admin_client.post(reverse(UPLOAD), data, follow=True).content.decode()
    assert "is queued." in page
    assert Document.objects.get().workspace == workspace


def act(client: Client, action: str, *documents: Document, **values: str) -> str:
    keys = [document.pk for document in documents]
    data = {"action": action, "_selected_action": keys, **values}
    return client.post(reverse(LIST), data, follow=True).content.decode()


def test_failed_documents_are_queued_again(
    workspace: Workspace, admin_client: Client
) -> None:
    failed = make_documents(workspace, 2, Status.FAILED)
    page = act(admin_client, "retry_selected", *failed)
    assert "2 documents were queued again." in page
    assert set(Document.objects.values_list("status", flat=True)) == {Status.PENDING}
    assert "None of the selected documents has failed." in act(
        admin_client, "retry_selected", *failed
    )


def test_unfinished_documents_are_cancelled(
    workspace: Workspace, admin_client: Client
) -> None:
    busy = make_documents(workspace, 1, Status.PROCESSING)[0]
    assert "1 document was stopped." in act(admin_client, "cancel_selected", busy)
    busy.refresh_from_db()
    assert busy.status == Status.FAILED


def test_a_document_page_offers_what_can_be_done_and_asks_before_it(
    workspace: Workspace, admin_client: Client
) -> None:
    failed = make_documents(workspace, 1, Status.FAILED)[0]
    page = reverse("admin:documents_document_change", args=[failed.pk])
    retry = reverse("admin:documents_document_retry_one", args=[failed.pk])
    text = admin_client.get(page).content.decode()
    assert retry in text
    assert "cancel_one" not in text
    assert "hx-get" not in text.split('id="document-poller"')[1].split(">")[0]
    assert "Retry this document?" in admin_client.get(retry).content.decode()
    assert Document.objects.get().status == Status.FAILED
    answer = admin_client.post(retry, {"_form_submitted": "on"})
    assert answer["HX-Redirect"] == page
    assert f"{reverse(LIVE)}?ids={failed.pk}" in admin_client.get(page).content.decode()
    assert Document.objects.get().status == Status.PENDING


def test_deleting_says_what_goes_and_leaves_no_lonely_entities(
    library: Library,
    admin_client: Client,
) -> None:
    question = act(admin_client, "delete_selected", library.document)
    assert "Chunks: 2" in question
    assert Document.objects.exists()
    act(admin_client, "delete_selected", library.document, post="yes")
    assert not Document.objects.exists()
    assert not Chunk.objects.exists()
    assert not Entity.objects.filter(name="Ada").exists()


def test_the_page_of_a_document_deletes_the_same_way(
    library: Library, admin_client: Client
) -> None:
    url = reverse("admin:documents_document_delete", args=[library.document.pk])
    admin_client.post(url, {"post": "yes"})
    assert not Document.objects.exists()
    assert not Entity.objects.filter(name="Ada").exists()


def test_a_document_page_shows_chunks_and_timeline(
    library: Library,
    admin_client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    PipelineEvent.objects.create(
        workspace=library.workspace, document=library.document, message="Parsing it"
    )
    url = reverse("admin:documents_document_change", args=[library.document.pk])
    with django_assert_max_num_queries(8):
        text = admin_client.get(url).content.decode()
    assert "Ada knew Babbage." in text
    assert "Parsing it" in text


def test_a_chunk_page_marks_its_entities_in_the_text(
    library: Library,
    admin_client: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    url = reverse("admin:documents_chunk_change", args=[library.chunk.pk])
    with django_assert_max_num_queries(7):
        admin_client.get(url)
    text = admin_client.get(url).content.decode()
    ada = reverse("admin:graph_entity_change", args=[library.ada.pk])
    assert f'<a href="{ada}"><mark>Ada</mark></a> knew' in text


@pytest.mark.parametrize(
    ("text", "names", "marked"),
    [
        ("Adage and ADA", {"Ada": "/1/"}, ["ADA"]),
        ("New York City", {"York": "/1/", "New York": "/2/"}, ["New York"]),
        ("王小明是學生", {"小明": "/1/"}, ["小明"]),
        ("<b>C++</b> (x)", {"C++": "/1/"}, ["C++"]),
        ("nothing", {}, []),
    ],
)
def test_names_are_marked_whole_and_the_text_is_escaped(
    text: str, names: dict[str, str], marked: list[str]
) -> None:
    html = entity_highlight.highlight(text, names)
    assert [part.split("</mark>")[0] for part in html.split("<mark>")[1:]] == marked
    assert "<b>" not in html


def test_a_workspace_is_made_for_the_configured_model(
    db: None, admin_client: Client
) -> None:
    admin_client.post(reverse("admin:documents_workspace_add"), {"name": "my books"})
    made = Workspace.objects.get(name="my_books")
    assert made.embedding_dimensions > 0


def test_a_workspace_is_renamed_and_deleted(
    admin_client: Client, workspace: Workspace, folder: Path
) -> None:
    inputs = folder.parent
    change = reverse("admin:documents_workspace_change", args=[workspace.pk])
    admin_client.post(change, {"name": "my books"})
    workspace.refresh_from_db()
    assert workspace.name == "my_books"
    assert (inputs / "my_books").is_dir()
    delete = reverse("admin:documents_workspace_delete", args=[workspace.pk])
    admin_client.post(delete, {"post": "yes"})
    assert not Workspace.objects.filter(pk=workspace.pk).exists()
    assert not (inputs / "my_books").exists()


def test_the_server_s_own_workspace_is_kept(admin_client: Client, db: None) -> None:
    own = lookup.ensure("")
    delete = reverse("admin:documents_workspace_delete", args=[own.pk])
    several = {"action": "delete_selected", "_selected_action": own.pk, "post": "yes"}
    for url, form in (
        (delete, {"post": "yes"}),
        (reverse("admin:documents_workspace_changelist"), several),
    ):
        answer = admin_client.post(url, form, follow=True)
        assert "neither renamed nor deleted" in answer.content.decode()
    assert Workspace.objects.filter(pk=own.pk).exists()


def test_deleting_a_workspace_warns_of_what_it_holds(
    library: Library, admin_client: Client
) -> None:
    url = reverse("admin:documents_workspace_delete", args=[library.workspace.pk])
    text = admin_client.get(url).content.decode()
    assert "Documents: 1" in text
    assert "Entities: 3" in text
    admin_client.post(url, {"post": "yes"})
    assert not Workspace.objects.exists()


def test_chunks_are_found_by_their_words_in_any_script(
    library: Library, admin_client: Client
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO search_chunk (workspace_id, chunk_id, lexical, text_hash)"
            " VALUES (%s, %s, %s, '')",
            [
                library.workspace.pk,
                library.chunk.pk,
                lexical.segment(library.chunk.content),
            ],
        )
    url = reverse("admin:documents_chunk_changelist")
    for term in ("babbage's", "王小明", "processed-0"):
        found = admin_client.get(url, {"q": term}).context["cl"].result_list
        assert library.chunk in found
    assert not admin_client.get(url, {"q": "..."}).context["cl"].result_list
