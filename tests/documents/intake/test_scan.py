from __future__ import annotations

import os
import threading
from pathlib import Path

from django.core.management import call_command
from django.db import connection
from pytest import CaptureFixture, MonkeyPatch
from pytest_django import DjangoAssertNumQueries
from rich.console import Console

from documents.files import file_storage, input_folder
from documents.intake import new_documents, uploads
from documents.intake import scan as intake_scan
from documents.intake.scan import ScanReport
from documents.management.commands import scan_inputs
from documents.models import Document, Status, Workspace
from documents.pipeline import pipeline
from tests.models import FakeModels
from tests.waiting import wait_until


def scan(workspace: Workspace, *, replace: bool = False) -> ScanReport:
    return intake_scan.scan(
        workspace, track_id=new_documents.track_id("scan"), replace=replace
    )


def write_file(folder: Path, name: str, content: bytes, *, age: int = 0) -> Path:
    path = folder / name
    path.write_bytes(content)
    os.utime(path, (1_700_000_000 - age, 1_700_000_000 - age))
    return path


def test_new_files_are_queued_oldest_first(workspace: Workspace, folder: Path) -> None:
    write_file(folder, "new.txt", b"one", age=1)
    write_file(folder, "old.md", b"two", age=99)
    write_file(folder, "middle.[-P].txt", b"three", age=50)
    report = scan(workspace)
    assert report == ScanReport(new=("old.md", "middle.[-P].txt", "new.txt"))
    rows = Document.objects.order_by("pk")
    assert [row.name for row in rows] == ["old.md", "middle.txt", "new.txt"]
    assert rows[1].chunking["strategy"] == "paragraph_semantic"
    assert file_storage.path_of(rows[1]).read_bytes() == b"three"
    assert {row.track_id[:5] for row in rows} == {"scan_"}


def test_a_second_scan_recognizes_the_files_of_the_first(
    workspace: Workspace, folder: Path
) -> None:
    write_file(folder, "tea.txt", b"green tea")
    scan(workspace)
    assert scan(workspace) == ScanReport(known=("tea.txt",))
    os.utime(folder / "tea.txt")
    assert scan(workspace) == ScanReport(known=("tea.txt",))
    assert Document.objects.count() == 1


def test_an_uploaded_file_is_known_to_a_scan(
    workspace: Workspace, folder: Path
) -> None:
    uploads.accept_file(workspace, "tea.txt", [b"green tea"], track_id="t")
    assert scan(workspace) == ScanReport(known=("tea.txt",))


def test_a_file_that_changed_before_it_was_archived_is_read_again(
    workspace: Workspace, folder: Path, models: FakeModels
) -> None:
    path = write_file(folder, "tea.txt", b"half a f")
    scan(workspace)
    write_file(folder, "tea.txt", b"half a file, now complete", age=-5)
    file_storage.archive([*Document.objects.all()])
    assert path.exists()
    assert scan(workspace) == ScanReport(replaced=("tea.txt",))
    pipeline.work(workspace.pk)
    assert Document.objects.get().content.text == "half a file, now complete"


def test_a_file_that_is_being_written_is_left_alone_until_it_settles(
    workspace: Workspace, folder: Path, monkeypatch: MonkeyPatch
) -> None:
    monkeypatch.setattr(input_folder, "SETTLE_SECONDS", 0.5)
    (folder / "tea.txt").write_bytes(b"green tea")
    [file] = input_folder.list_files(workspace)
    assert not file.settled
    assert scan(workspace) == ScanReport(new=("tea.txt",))
    monkeypatch.setattr(input_folder, "SETTLE_SECONDS", 100)
    monkeypatch.setattr(intake_scan, "MAX_WAIT_SECONDS", 0)
    (folder / "milk.txt").write_bytes(b"milk")
    assert scan(workspace).unfinished == ("milk.txt", "tea.txt")


def test_equal_names_in_different_folders_are_different_documents(
    workspace: Workspace, folder: Path, models: FakeModels
) -> None:
    for name in ("a", "b", "b/c"):
        (folder / name).mkdir()
        write_file(folder / name, "README.md", f"# {name}".encode())
    report = scan(workspace)
    names = {"a/README.md", "b/README.md", "b/c/README.md"}
    assert set(report.new) == names
    pipeline.work(workspace.pk)
    rows = Document.objects.all()
    assert {row.name for row in rows} == names
    assert {row.status for row in rows} == {Status.PROCESSED}
    assert all(file_storage.path_of(row).is_file() for row in rows)
    assert scan(workspace) == ScanReport()


def test_a_changed_file_is_reported_and_replaced_only_on_request(
    workspace: Workspace, folder: Path
) -> None:
    path = write_file(folder, "tea.txt", b"green tea")
    scan(workspace)
    before = Document.objects.get().pk
    file_storage.archive([*Document.objects.all()])
    assert not path.exists()
    write_file(folder, "tea.txt", b"black tea", age=-5)
    assert scan(workspace) == ScanReport(changed=("tea.txt",))
    assert Document.objects.get().pk == before
    assert scan(workspace, replace=True) == ScanReport(replaced=("tea.txt",))
    assert Document.objects.get().pk != before
    assert scan(workspace) == ScanReport(known=("tea.txt",))


def test_a_changed_file_becomes_the_new_version_of_its_document(
    workspace: Workspace, folder: Path, models: FakeModels
) -> None:
    write_file(folder, "tea.txt", b"Green tea grows in Uji.")
    scan(workspace)
    pipeline.work(workspace.pk)
    write_file(folder, "tea.txt", b"Black tea grows in Assam.")
    assert scan(workspace, replace=True) == ScanReport(replaced=("tea.txt",))
    current, version = Document.objects.order_by("pk")
    assert (current.status, version.replaces) == (Status.PROCESSED, current)
    assert scan(workspace, replace=True) == ScanReport(known=("tea.txt",))
    write_file(folder, "tea.txt", b"White tea grows in Fujian.", age=-5)
    assert scan(workspace, replace=True) == ScanReport(replaced=("tea.txt",))
    pipeline.work(workspace.pk)
    document = Document.objects.get()
    assert (document.name, document.status) == ("tea.txt", Status.PROCESSED)
    assert document.content.text == "White tea grows in Fujian."


def test_a_processed_file_that_is_written_again_is_a_duplicate_or_changed(
    workspace: Workspace, folder: Path
) -> None:
    write_file(folder, "tea.txt", b"green tea")
    scan(workspace)
    document = Document.objects.get()
    file_storage.archive([document])
    Document.objects.update(status=Status.PROCESSED)
    assert scan(workspace) == ScanReport()
    write_file(folder, "tea.txt", b"green tea")
    assert scan(workspace) == ScanReport(duplicate=("tea.txt",))
    write_file(folder, "tea.txt", b"black tea")
    assert scan(workspace) == ScanReport(changed=("tea.txt",))


def test_the_same_content_under_two_names_is_queued_once(
    workspace: Workspace, folder: Path
) -> None:
    write_file(folder, "a.txt", b"green tea", age=5)
    write_file(folder, "b.txt", b"green tea")
    assert scan(workspace) == ScanReport(new=("a.txt",), duplicate=("b.txt",))


def test_two_files_with_one_document_name_are_queued_once(
    workspace: Workspace, folder: Path
) -> None:
    write_file(folder, "a.txt", b"green tea", age=5)
    write_file(folder, "a.[-R].txt", b"black tea")
    assert scan(workspace) == ScanReport(new=("a.txt",), duplicate=("a.[-R].txt",))


def test_files_that_cannot_be_queued_are_reported(
    workspace: Workspace, folder: Path, tmp_path: Path
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_bytes(b"secret")
    (folder / "link.txt").symlink_to(secret)
    (folder / "dangling.txt").symlink_to(tmp_path / "nothing")
    write_file(folder, "a.[native-Z].txt", b"x")
    write_file(folder, "program.exe", b"x")
    write_file(folder, ".hidden.txt", b"x")
    (folder / file_storage.ARCHIVE).mkdir()
    write_file(folder / file_storage.ARCHIVE, "done.txt", b"x")
    report = scan(workspace)
    assert sorted(report.refused) == ["a.[native-Z].txt", "link.txt"]
    assert report.unsupported == ("program.exe",)
    assert report.queued == 0
    assert not Document.objects.exists()


def test_another_workspaces_folder_is_not_scanned(
    workspace: Workspace, folder: Path
) -> None:
    other = Workspace.objects.create(
        name="other", embedding_model="fake:hash", embedding_dimensions=64
    )
    write_file(file_storage.folder(other), "other.txt", b"other")
    assert scan(workspace) == ScanReport()


def test_scanning_a_hundred_files_takes_few_queries(
    workspace: Workspace,
    folder: Path,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(100):
        write_file(folder, f"{number}.txt", f"text {number}".encode())
    with django_assert_max_num_queries(10):
        assert scan(workspace).queued == 100


def test_watching_queues_files_that_are_added_later(
    committed_workspace: Workspace,
    capsys: CaptureFixture[str],
    monkeypatch: MonkeyPatch,
) -> None:
    monkeypatch.setattr(input_folder, "SETTLE_SECONDS", 0)
    folder, stop = file_storage.folder(committed_workspace), threading.Event()

    def watch() -> None:
        try:
            scan_inputs.watch_folder(
                committed_workspace, Console(), replace=False, stop=stop
            )
        finally:
            connection.close()

    watcher = threading.Thread(target=watch)
    watcher.start()
    file = folder / "tea.txt"
    file.write_bytes(b"green tea")

    def is_queued() -> bool:
        file.touch()  # the watcher may not have seen the earlier changes
        return Document.objects.filter(workspace=committed_workspace).exists()

    try:
        wait_until(is_queued)
    finally:
        stop.set()
    watcher.join(timeout=20)
    assert "1 queued" in capsys.readouterr().out


def test_the_command_prints_a_summary(
    workspace: Workspace, folder: Path, capsys: CaptureFixture[str]
) -> None:
    write_file(folder, "tea.txt", b"green tea")
    write_file(folder, "program.exe", b"x")
    call_command("scan_inputs", workspace="tests")
    output = capsys.readouterr().out
    assert "1 queued" in output
    assert "tea.txt" in output
    assert "unsupported" in output
