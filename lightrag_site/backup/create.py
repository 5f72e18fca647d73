"""Create a backup of a running site, from one snapshot of the database."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from django.utils import timezone

from lightrag_site.backup import archive, tables
from lightrag_site.backup.archive import Manifest

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup that was written and verified."""

    manifest: Manifest
    files: int
    size: int
    """Size of the file in bytes."""
    sha256: str


def create(path: Path, input_dir: Path, progress: Progress) -> Backup:
    """Write and verify a backup, then replace an existing file.

    Files are stored before their rows, so the backup contains every file that a row
    names, unless it is deleted meanwhile.

    Raises:
        InvalidBackup: the written file cannot be read.
        OSError: the file cannot be written.
    """
    unfinished = path.with_name(f"{path.name}.unfinished")
    try:
        manifest, files = write(unfinished, input_dir, progress)
        progress("verifying")
        archive.read_all(unfinished)
        digest = archive.sha256(unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return Backup(manifest, files, path.stat().st_size, digest)


def write(path: Path, input_dir: Path, progress: Progress) -> tuple[Manifest, int]:
    path.touch(mode=0o600)
    with tarfile.open(path, "w:gz", compresslevel=3) as tar:
        with tables.snapshot():
            manifest = describe()
            archive.add_bytes(tar, archive.MANIFEST, manifest.to_json())
            for table in manifest.columns:
                progress(table)
                archive.add_streamed(
                    tar, f"tables/{table}", partial(tables.copy_out, table)
                )
        progress("input files")
        return manifest, archive.add_folder(tar, input_dir)


def describe() -> Manifest:
    names = tables.names()
    return Manifest(
        made_at=timezone.now().isoformat(),
        migrations=tables.migrations(),
        columns={table: tables.columns(table) for table in names},
        totals=tables.totals(names),
    )
