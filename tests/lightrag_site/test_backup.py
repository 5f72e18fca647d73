"""Backup and restore."""

from __future__ import annotations

import io
import tarfile
import uuid
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from documents.intake import uploads
from documents.models import Document, Workspace
from documents.pipeline import pipeline
from documents.workspaces.audit import Action
from graph.age import consistency
from graph.models import AuditEntry, Entity
from lightrag_site.backup import archive, create, restore, tables
from lightrag_site.backup.archive import InvalidBackup
from lightrag_site.backup.restore import RestoreError
from lightrag_site.backup.tables import TableSum
from tests.models import FakeModels


@pytest.fixture
def inputs(tmp_path: Path) -> Path:
    folder = tmp_path / "inputs"
    (folder / "other").mkdir(parents=True)
    (folder / "a.txt").write_text("A file.")
    (folder / "other" / "b.txt").write_text("Another.")
    return folder


@pytest.fixture
def filled(workspace: Workspace, models: FakeModels) -> Workspace:
    items = [
        uploads.TextItem("Marie Curie discovered Radium in Paris.", "curie.txt"),
        uploads.TextItem("Ada Lovelace wrote Programs.", "ada.txt"),
    ]
    uploads.accept_texts(workspace, items, track_id="upload_1")
    pipeline.work(workspace.pk)
    return workspace


def totals() -> dict[str, TableSum]:
    return tables.totals(tables.names())


def quietly(step: str) -> None:
    """Show no progress."""


def test_a_restore_returns_every_row(
    filled: Workspace, inputs: Path, tmp_path: Path
) -> None:
    before = totals()
    backup = create.create(tmp_path / "b.tar.gz", inputs, quietly)
    assert (backup.manifest.totals, backup.files) == (before, 2)
    Document.objects.all().delete()
    Entity.objects.all().delete()
    Workspace.objects.create(
        name="later", embedding_model="fake:hash", embedding_dimensions=8
    )
    (inputs / "a.txt").unlink()
    restored = restore.restore(tmp_path / "b.tar.gz", inputs, quietly, replace=True)
    assert restored.totals == totals() == before
    assert before["graph_entity"].rows > 0 < before["search_entity"].rows
    assert not consistency.check(filled.pk).differences
    assert (inputs / "a.txt").read_text() == "A file."


def test_a_restored_site_processes_documents(
    filled: Workspace, inputs: Path, tmp_path: Path
) -> None:
    create.create(tmp_path / "b.tar.gz", inputs, quietly)
    restore.restore(tmp_path / "b.tar.gz", inputs, quietly, replace=True)
    item = uploads.TextItem("Marie Curie met Albert Einstein.", "met.txt")
    uploads.accept_texts(filled, [item], track_id="upload_2")
    pipeline.work(filled.pk)
    assert Document.objects.filter(status="processed").count() == 3
    assert not consistency.check(filled.pk).differences


def test_the_audit_log_records_the_restored_backup(
    filled: Workspace, inputs: Path, tmp_path: Path, settings: Settings
) -> None:
    server = replace(settings.LIGHTRAG.server, input_dir=inputs)
    settings.LIGHTRAG = replace(settings.LIGHTRAG, server=server)
    name = f"backup-{uuid.uuid4().hex}.tar.gz"
    backup = create.create(tmp_path / name, inputs, quietly)
    call_command("restore", str(tmp_path / name), "--replace", stdout=StringIO())
    [entry] = AuditEntry.objects.filter(target=name)
    assert entry.action == Action.SITE_RESTORE
    assert entry.details == {"made_at": str(backup.manifest.made_at)}


def test_documents_are_replaced_only_on_request(
    filled: Workspace, inputs: Path, tmp_path: Path
) -> None:
    create.create(tmp_path / "b.tar.gz", inputs, quietly)
    with pytest.raises(RestoreError, match="--replace"):
        restore.restore(tmp_path / "b.tar.gz", inputs, quietly, replace=False)


def test_a_damaged_backup_changes_nothing(
    filled: Workspace, inputs: Path, tmp_path: Path
) -> None:
    path = tmp_path / "b.tar.gz"
    create.create(path, inputs, quietly)
    path.write_bytes(path.read_bytes()[:-2000])
    before = totals()
    with pytest.raises(InvalidBackup):
        restore.restore(path, inputs, quietly, replace=True)
    assert totals() == before


def test_a_file_of_another_format_is_rejected(tmp_path: Path, db: None) -> None:
    path = tmp_path / "x"
    path.write_text("no backup")
    with pytest.raises(InvalidBackup), archive.opened(path):
        pass
    with pytest.raises(CommandError, match="Nothing was restored"):
        call_command("restore", str(path))


def test_an_uploaded_file_may_be_named_like_an_unfinished_upload(
    tmp_path: Path,
) -> None:
    for name in (".part-x.md", f".part-{'0' * 32}", "a.md"):
        (tmp_path / name).write_text("Tea.")
    with tarfile.open(fileobj=io.BytesIO(), mode="w") as tar:
        assert archive.add_folder(tar, tmp_path) == 2
        assert tar.getnames() == ["inputs/.part-x.md", "inputs/a.md"]
