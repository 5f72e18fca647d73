from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings

from documents.errors import (
    AtCapacity,
    EmptyDocument,
    InvalidChunking,
    InvalidHint,
    InvalidName,
    MissingName,
    NameTaken,
    RepeatedName,
    TooLarge,
    UnsafeName,
    UnsupportedType,
)
from documents.files import file_storage
from documents.intake import new_documents, scan, uploads
from documents.intake.new_documents import IngestOptions
from documents.intake.uploads import Accepted, TextItem
from documents.models import Document, DocumentContent, Status, Workspace
from documents.pipeline import pipeline
from tests.models import FakeModels

TRACK = new_documents.track_id("upload")


def upload(workspace: Workspace, name: str, *chunks: bytes) -> Accepted:
    return uploads.accept_file(workspace, name, chunks, track_id=TRACK)


def insert(workspace: Workspace, *items: TextItem) -> list[Accepted]:
    return uploads.accept_texts(workspace, items, track_id=TRACK)


def files_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.rglob("*"))


def test_a_file_is_stored_and_queued(
    workspace: Workspace,
    folder: Path,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks() as callbacks:
        accepted = upload(workspace, "tea.[-R].txt", b"green ", b"tea")
    document = Document.objects.get()
    assert accepted == Accepted(document)
    assert (document.name, document.status) == ("tea.txt", Status.PENDING)
    assert document.chunking == {"strategy": "recursive_character", "params": {}}
    assert document.metadata["process_options"] == "R"
    assert document.source_path == "tests/tea.txt"
    assert file_storage.path_of(document).read_bytes() == b"green tea"
    assert files_in(folder) == ["tea.txt"]
    assert len(callbacks) == 1


def test_the_id_of_a_document_is_that_of_lightrag(
    workspace: Workspace, folder: Path
) -> None:
    accepted = upload(workspace, "curie.txt", b"Marie")
    assert accepted.document.public_id == "doc-082e2a80de83262794b1010f21680642"


@pytest.mark.parametrize(
    ("name", "folder"),
    [("default", "."), ("acme", "acme"), ("__parsed__", "__parsed__-workspace")],
)
def test_each_workspace_has_its_own_folder(
    db: None, inputs: Path, name: str, folder: str
) -> None:
    workspace = Workspace.objects.create(
        name=name, embedding_model="fake:hash", embedding_dimensions=64
    )
    document = upload(workspace, "tea.txt", b"tea").document
    assert file_storage.path_of(document) == inputs / folder / "tea.txt"
    assert (inputs / folder / "tea.txt").read_bytes() == b"tea"


def test_the_content_of_a_file_with_an_existing_name_is_not_read(
    workspace: Workspace, folder: Path
) -> None:
    def fail_if_read() -> Iterator[bytes]:
        raise AssertionError("read")
        yield b""

    first = upload(workspace, "tea.txt", b"green tea")
    second = uploads.accept_file(workspace, "tea.txt", fail_if_read(), track_id=TRACK)
    assert second == Accepted(first.document, duplicate=True)
    assert Document.objects.count() == 1
    assert (folder / "tea.txt").read_bytes() == b"green tea"


def test_two_workspaces_may_have_files_of_the_same_name(
    workspace: Workspace, inputs: Path
) -> None:
    other = Workspace.objects.create(
        name="other", embedding_model="fake:hash", embedding_dimensions=64
    )
    upload(workspace, "tea.txt", b"green tea")
    assert not upload(other, "tea.txt", b"black tea").duplicate
    assert (inputs / "other" / "tea.txt").read_bytes() == b"black tea"


@pytest.mark.parametrize(
    ("name", "content", "error"),
    [
        ("../tea.txt", b"x", UnsafeName),
        ("tea\n.txt", b"x", InvalidName),
        ("tea.[bogus-F].txt", b"x", InvalidHint),
        ("tea.[-F(chunk_ts=0)].txt", b"x", InvalidChunking),
        ("tea.exe", b"x", UnsupportedType),
        ("tea", b"x", UnsupportedType),
        ("tea.txt", b"", EmptyDocument),
        ("tea.txt", b"x" * 1025, TooLarge),
    ],
)
def test_a_rejected_upload_leaves_no_file_or_document(
    workspace: Workspace,
    folder: Path,
    settings: Settings,
    name: str,
    content: bytes,
    error: type[Exception],
) -> None:
    server = replace(settings.LIGHTRAG.server, max_upload_bytes=1024)
    settings.LIGHTRAG = replace(settings.LIGHTRAG, server=server)
    with pytest.raises(error):
        upload(workspace, name, content)
    assert files_in(folder) == []
    assert not Document.objects.exists()


def test_reading_an_upload_stops_at_the_size_limit(
    workspace: Workspace, folder: Path, settings: Settings
) -> None:
    server = replace(settings.LIGHTRAG.server, max_upload_bytes=2**20)
    settings.LIGHTRAG = replace(settings.LIGHTRAG, server=server)
    read = []

    def endless() -> Iterator[bytes]:
        while True:
            read.append(1)
            yield b"x" * 2**19

    with pytest.raises(TooLarge, match=r"Maximum size: 1\.0MB, uploaded: 1\.5MB"):
        uploads.accept_file(workspace, "tea.txt", endless(), track_id=TRACK)
    assert len(read) == 3


def test_an_interrupted_upload_leaves_no_file_or_document(
    workspace: Workspace, folder: Path
) -> None:
    def broken() -> Iterator[bytes]:
        yield b"green "
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        uploads.accept_file(workspace, "tea.txt", broken(), track_id=TRACK)
    assert files_in(folder) == []
    assert not Document.objects.exists()


def test_a_file_without_a_document_is_not_overwritten(
    workspace: Workspace, folder: Path
) -> None:
    (folder / "tea.txt").write_bytes(b"old")
    with pytest.raises(NameTaken, match="already exists in the input directory"):
        upload(workspace, "tea.txt", b"new")
    assert files_in(folder) == ["tea.txt"]
    assert (folder / "tea.txt").read_bytes() == b"old"
    assert not Document.objects.exists()


def test_one_of_several_concurrent_uploads_of_a_name_succeeds(
    committed_workspace: Workspace,
) -> None:
    workspace, folder = committed_workspace, file_storage.folder(committed_workspace)
    barrier = threading.Barrier(4)

    def send(number: int) -> Accepted:
        def chunks() -> Iterator[bytes]:
            barrier.wait(timeout=20)
            yield f"tea {number}".encode()

        try:
            return uploads.accept_file(workspace, "tea.txt", chunks(), track_id=TRACK)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        accepted = list(pool.map(send, range(4)))
    [stored] = [result for result in accepted if not result.duplicate]
    assert {result.document.pk for result in accepted} == {stored.document.pk}
    assert files_in(folder) == ["tea.txt"]
    number = accepted.index(stored)
    assert (folder / "tea.txt").read_bytes() == f"tea {number}".encode()


def test_archiving_a_file_does_not_overwrite_another(
    workspace: Workspace, folder: Path
) -> None:
    archive = folder / file_storage.ARCHIVE
    archive.mkdir()
    (archive / "tea.txt").write_bytes(b"old")
    document = upload(workspace, "tea.txt", b"new").document
    file_storage.archive([document])
    file_storage.archive([document])
    document.refresh_from_db()
    assert document.source_path == "tests/__parsed__/tea_001.txt"
    assert file_storage.path_of(document).read_bytes() == b"new"
    assert (archive / "tea.txt").read_bytes() == b"old"
    assert not (folder / "tea.txt").exists()


def test_a_text_is_cleaned_and_stored(workspace: Workspace) -> None:
    [accepted] = insert(workspace, TextItem(" Green\x00\r\ntea\ud800 ", "x/tea.md"))
    document = Document.objects.get()
    assert accepted == Accepted(document)
    assert (document.name, document.source_path) == ("tea.md", "")
    assert (document.content_summary, document.content_length) == (
        "Green\ntea\ufffd",
        10,
    )
    assert document.content.text == "Green\ntea\ufffd"


def test_storing_five_hundred_texts_takes_few_queries(
    workspace: Workspace, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    items = [TextItem(f"Text number {n}", f"{n}.txt") for n in range(500)]
    with django_assert_max_num_queries(9):
        accepted = insert(workspace, *items)
    assert [result.document.name for result in accepted] == [
        item.name for item in items
    ]
    assert DocumentContent.objects.count() == 500


def test_a_text_with_existing_content_becomes_a_failed_duplicate(
    workspace: Workspace,
) -> None:
    [original] = insert(workspace, TextItem("Green tea", "tea.txt"))
    [copy] = insert(workspace, TextItem("Green tea\n", "copy.txt"))
    assert copy.duplicate
    row = Document.objects.get(name="copy.txt")
    assert (row.status, row.public_id[:4]) == (Status.FAILED, "dup-")
    assert row.error_msg.startswith(
        "Identical content already exists under another filename. "
        f"Original doc_id: {original.document.public_id}, Status: pending"
    )
    assert row.metadata["original_doc_id"] == original.document.public_id
    assert not DocumentContent.objects.filter(document=row).exists()


def test_the_second_of_two_equal_texts_in_a_request_is_the_duplicate(
    workspace: Workspace,
) -> None:
    first, second = insert(
        workspace, TextItem("Tea", "a.txt"), TextItem("Tea", "b.txt")
    )
    assert (first.duplicate, second.duplicate) == (False, True)
    assert second.document.metadata["original_doc_id"] == first.document.public_id


@pytest.mark.parametrize(
    ("items", "error"),
    [
        ([TextItem("new", "a.txt"), TextItem("new too", "tea.txt")], NameTaken),
        ([TextItem("new", "a.txt"), TextItem("new too", "x/a.txt")], RepeatedName),
        ([TextItem("new", "a.txt"), TextItem("new too", " ")], MissingName),
        ([TextItem("new", "a.txt"), TextItem(" \x00\n", "b.txt")], EmptyDocument),
    ],
)
def test_several_texts_are_stored_all_or_none(
    workspace: Workspace, items: list[TextItem], error: type[Exception]
) -> None:
    insert(workspace, TextItem("Green tea", "tea.txt"))
    with pytest.raises(error):
        insert(workspace, *items)
    assert Document.objects.count() == 1


def test_the_error_for_a_taken_name_contains_the_status(workspace: Workspace) -> None:
    insert(workspace, TextItem("Green tea", "tea.txt"))
    with pytest.raises(
        NameTaken, match=r"already contains 'tea\.txt' \(Status: pending\)\. Delete"
    ):
        insert(workspace, TextItem("Other", "tea.txt"))


def test_the_name_of_a_text_without_a_source_depends_on_its_content(
    workspace: Workspace,
) -> None:
    [first] = insert(workspace, TextItem("Tea"))
    [second] = insert(workspace, TextItem("Milk"))
    assert first.document.name.startswith("unknown_source-")
    assert first.document.name != second.document.name


def test_a_text_with_invalid_chunking_options_is_rejected(workspace: Workspace) -> None:
    with pytest.raises(InvalidChunking):
        uploads.accept_texts(
            workspace,
            [TextItem("Tea", "tea.txt")],
            track_id=TRACK,
            options=IngestOptions(
                {"strategy": "fixed_token", "params": {"chunk_token_size": 8}}
            ),
        )
    assert not Document.objects.exists()


def test_all_but_one_of_several_concurrent_equal_texts_are_duplicates(
    committed_workspace: Workspace,
) -> None:
    barrier = threading.Barrier(4)

    def send(number: int) -> bool:
        barrier.wait(timeout=20)
        try:
            [accepted] = insert(
                committed_workspace, TextItem("Green tea", f"{number}.txt")
            )
        finally:
            connection.close()
        return accepted.duplicate

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(send, range(4))) == [False, True, True, True]


def test_a_file_may_replace_the_document_of_its_name(
    workspace: Workspace, folder: Path, models: FakeModels
) -> None:
    upload(workspace, "tea.txt", b"Green tea grows in Uji.")
    pipeline.work(workspace.pk)
    version = uploads.accept_file(
        workspace, "tea.txt", [b"Black tea grows in Assam."], track_id="t", replace=True
    )
    assert not version.duplicate
    assert Document.objects.count() == 2
    pipeline.work(workspace.pk)
    document = Document.objects.get()
    assert (document.name, document.status) == ("tea.txt", Status.PROCESSED)
    assert document.content.text == "Black tea grows in Assam."
    assert file_storage.path_of(document).read_bytes() == b"Black tea grows in Assam."
    assert scan.scan(workspace, track_id=TRACK) == scan.ScanReport()


def test_an_unprocessed_document_is_replaced_immediately(workspace: Workspace) -> None:
    insert(workspace, TextItem("Green tea.", "tea.md"))
    texts = [TextItem("Black tea.", "tea.md")]
    uploads.accept_texts(workspace, texts, track_id="t", replace=True)
    assert Document.objects.get().content.text == "Black tea."


def test_a_second_new_version_supersedes_the_first(
    workspace: Workspace, models: FakeModels
) -> None:
    insert(workspace, TextItem("Green tea.", "tea.md"))
    pipeline.work(workspace.pk)
    for text in ("Black tea.", "White tea."):
        items = [TextItem(text, "tea.md")]
        uploads.accept_texts(workspace, items, track_id="t", replace=True)
    assert Document.objects.count() == 2
    pipeline.work(workspace.pk)
    assert Document.objects.get().content.text == "White tea."


def set_capacity(settings: Settings, documents: int) -> None:
    server = replace(settings.LIGHTRAG.server, max_pending_documents=documents)
    settings.LIGHTRAG = replace(settings.LIGHTRAG, server=server)


def test_a_file_over_the_capacity_is_not_stored(
    workspace: Workspace, folder: Path, settings: Settings
) -> None:
    upload(workspace, "tea.txt", b"green tea")
    set_capacity(settings, 1)
    with pytest.raises(AtCapacity):
        upload(workspace, "milk.txt", b"milk")
    assert files_in(folder) == ["tea.txt"]
    assert Document.objects.count() == 1


def test_a_replacement_over_the_capacity_keeps_the_failed_document(
    workspace: Workspace, folder: Path, settings: Settings
) -> None:
    failed = upload(workspace, "tea.txt", b"green tea").document
    Document.objects.update(status=Status.FAILED)
    upload(workspace, "milk.txt", b"milk")
    set_capacity(settings, 1)
    with pytest.raises(AtCapacity):
        uploads.accept_file(
            workspace, "tea.txt", [b"black tea"], track_id="t", replace=True
        )
    failed.refresh_from_db()
    assert file_storage.path_of(failed).read_bytes() == b"green tea"


def test_an_upload_counts_the_unfinished_documents_once(
    workspace: Workspace, folder: Path, settings: Settings
) -> None:
    set_capacity(settings, 10)
    with CaptureQueriesContext(connection) as queries:
        upload(workspace, "tea.txt", b"green tea")
    counts = [q for q in queries if "SELECT COUNT(*)" in q["sql"]]
    assert len(counts) == 1


def test_the_file_of_a_replaced_failed_document_is_deleted(
    workspace: Workspace,
    folder: Path,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    upload(workspace, "tea.txt", b"green tea")
    Document.objects.update(status=Status.FAILED)
    with django_capture_on_commit_callbacks(execute=True):
        uploads.accept_file(
            workspace, "tea.txt", [b"black tea"], track_id="t", replace=True
        )
    document = Document.objects.get()
    assert file_storage.path_of(document).read_bytes() == b"black tea"
    assert files_in(folder) == ["__parsed__", "tea.txt"]
