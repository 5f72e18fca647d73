"""Symbolic links in the input folder lead nobody out of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from documents.errors import MissingFile
from documents.files import archive, file_storage
from documents.intake import scan
from documents.lifecycle import row_deletion
from documents.models import Document, Status, Workspace
from documents.pipeline import pipeline
from tests.models import FakeModels

SECRET = "The password is swordfish."


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """A file that nobody handed in."""
    file = tmp_path / "outside" / "secret.txt"
    file.parent.mkdir()
    file.write_text(SECRET)
    return file


def scanned(workspace: Workspace, folder: Path, name: str = "good.txt") -> Document:
    (folder / name).write_text("Ada knew Babbage.")
    scan.scan(workspace, track_id="t")
    return Document.objects.get(name=name)


def test_a_scan_refuses_a_link_out(
    workspace: Workspace, folder: Path, outside: Path
) -> None:
    (folder / "link.txt").symlink_to(outside)
    report = scan.scan(workspace, track_id="t")
    assert report.refused == ("link.txt",)
    assert not Document.objects.exists()


def test_a_file_that_became_a_link_is_not_read(
    workspace: Workspace, folder: Path, outside: Path, models: FakeModels
) -> None:
    document = scanned(workspace, folder)
    (folder / "good.txt").unlink()
    (folder / "good.txt").symlink_to(outside)
    pipeline.work(workspace.pk)
    document.refresh_from_db()
    assert document.status == Status.FAILED
    assert "outside its folder" in document.error_msg
    assert not document.chunks.exists()


def test_a_deletion_leaves_alone_what_lies_behind_a_link(
    workspace: Workspace, folder: Path, outside: Path
) -> None:
    document = scanned(workspace, folder, "secret.txt")
    (folder / "secret.txt").unlink()
    (folder / file_storage.ARCHIVE).symlink_to(outside.parent)
    document.source_path = file_storage.relative(
        folder / file_storage.ARCHIVE / outside.name
    )
    assert row_deletion.delete_files([document]) == 0
    assert outside.read_text() == SECRET


def test_a_processed_file_is_not_moved_out_through_a_link(
    workspace: Workspace, folder: Path, outside: Path
) -> None:
    document = scanned(workspace, folder)
    (folder / file_storage.ARCHIVE).symlink_to(outside.parent)
    archive.archive([document])
    assert (folder / "good.txt").exists()
    assert list(outside.parent.iterdir()) == [outside]
    with pytest.raises(MissingFile):
        file_storage.archive(document)
