"""A running site -> one file that holds all of it, as of one moment."""

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
class Made:
    """A backup that was written and read through again."""

    manifest: Manifest
    files: int
    size: int
    """Bytes of the file."""
    sha256: str


def make(path: Path, input_dir: Path, progress: Progress) -> Made:
    """Write the backup; a file of that name is replaced once the new one is whole.

    Documents are stored before their rows are written, so every file that a row names
    is there, unless it is deleted meanwhile. Raises NotABackup where what was written
    cannot be read again, and OSError.
    """
    unfinished = path.with_name(f"{path.name}.unfinished")
    try:
        manifest, files = write(unfinished, input_dir, progress)
        progress("reading it through")
        archive.read_through(unfinished)
        digest = archive.sha256(unfinished)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)
    return Made(manifest, files, path.stat().st_size, digest)


def write(path: Path, input_dir: Path, progress: Progress) -> tuple[Manifest, int]:
    path.touch(mode=0o600)
    with tarfile.open(path, "w:gz", compresslevel=3) as tar:
        with tables.one_moment():
            manifest = describe()
            archive.add_bytes(tar, archive.MANIFEST, manifest.to_json())
            for table in manifest.columns:
                progress(table)
                archive.add_written(
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
