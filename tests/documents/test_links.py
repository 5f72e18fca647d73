"""Symbolic links in the input folder give no access to files outside of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from documents.errors import MissingFile
from documents.files import file_storage
from documents.intake import scan
from documents.lifecycle import row_deletion
from documents.models import Document, Status, Workspace
from documents.pipeline import pipeline
from tests.models import FakeModels

SECRET = "The password is swordfish."


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    """Create a file outside of the input folder."""
    file = tmp_path / "outside" / "secret.txt"
    file.parent.mkdir()
    file.write_text(SECRET)
    return file


def add_by_scan(workspace: Workspace, folder: Path, name: str = "good.txt") -> Document:
    (folder / name).write_text("Ada knew Babbage.")
    scan.scan(workspace, track_id="t")
    return Document.objects.get(name=name)


def test_a_scan_rejects_a_link_to_a_file_outside(
    workspace: Workspace, folder: Path, outside: Path
) -> None:
    (folder / "link.txt").symlink_to(outside)
    report = scan.scan(workspace, track_id="t")
    assert report.refused == ("link.txt",)
    assert not Document.objects.exists()


def test_a_file_that_was_replaced_by_a_link_is_not_parsed(
    workspace: Workspace, folder: Path, outside: Path, models: FakeModels
) -> None:
    document = add_by_scan(workspace, folder)
    (folder / "good.txt").unlink()
    (folder / "good.txt").symlink_to(outside)
    pipeline.work(workspace.pk)
    document.refresh_from_db()
    assert document.status == Status.FAILED
    assert "outside the workspace's folder" in document.error_msg
    assert not document.chunks.exists()


def test_deletion_does_not_follow_a_link(
    workspace: Workspace, folder: Path, outside: Path
) -> None:
    document = add_by_scan(workspace, folder, "secret.txt")
    (folder / "secret.txt").unlink()
    (folder / file_storage.ARCHIVE).symlink_to(outside.parent)
    document.source_path = file_storage.relative(
        folder / file_storage.ARCHIVE / outside.name
    )
    assert row_deletion.delete_files([document]) == 0
    assert outside.read_text() == SECRET


def test_archiving_does_not_follow_a_link(
    workspace: Workspace, folder: Path, outside: Path
) -> None:
    document = add_by_scan(workspace, folder)
    (folder / file_storage.ARCHIVE).symlink_to(outside.parent)
    file_storage.archive([document])
    assert (folder / "good.txt").exists()
    assert list(outside.parent.iterdir()) == [outside]
    with pytest.raises(MissingFile):
        file_storage.archived(document)
