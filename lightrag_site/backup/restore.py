"""Restore a backup in one transaction and verify it before the commit."""

from __future__ import annotations

import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.db import transaction

from documents.models import Document, Workspace
from graph.age import consistency
from graph.age.errors import CypherUnavailable
from lightrag_site.backup import archive, tables
from lightrag_site.backup.archive import Manifest
from lightrag_site.backup.tables import TableSum

Progress = Callable[[str], None]


class RestoreError(Exception):
    """The backup cannot be restored here. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Restored:
    """The result of a restore; its totals equal those of the manifest."""

    manifest: Manifest
    totals: dict[str, TableSum]
    files: int


def restore(
    path: Path, input_dir: Path, progress: Progress, *, replace: bool
) -> Restored:
    """Restore everything; with `replace`, delete existing data.

    Raise RestoreError or InvalidBackup; the tables are then unchanged.
    """
    with archive.opened(path) as tar:
        manifest = archive.manifest(tar)
        check_preconditions(manifest, replace=replace)
        with transaction.atomic():
            tables.empty(list(manifest.columns))
            files = read_members(tar, manifest, input_dir, progress)
            tables.make_search_indexes()
            tables.reset_sequences()
            progress("checking")
            totals = check(manifest)
    return Restored(manifest, totals, files)


def check_preconditions(manifest: Manifest, *, replace: bool) -> None:
    current, required = as_set(tables.migrations()), as_set(manifest.migrations)
    if current != required:
        raise RestoreError(
            f"The backup has other migrations ({', '.join(sorted(current ^ required))})."
            " Migrate to these migrations, restore, and migrate again."
        )
    if not replace and Document.objects.exists():
        raise RestoreError(
            "The database contains documents. Add --replace to delete them."
        )


def as_set(migrations: list[list[str]]) -> set[str]:
    return {".".join(migration) for migration in migrations}


def read_members(
    tar: tarfile.TarFile, manifest: Manifest, input_dir: Path, progress: Progress
) -> int:
    """Fill the tables and the input folder; return the number of files."""
    remaining = list(manifest.columns)
    files = 0
    for member, file in archive.files(tar):
        kind, _, name = member.name.partition("/")
        if kind == "tables" and name == remaining[0]:
            progress(name)
            if name == tables.SEARCH[0]:
                tables.make_partitions()
            tables.copy_in(name, manifest.columns[name], file)
            remaining.pop(0)
        elif kind == archive.INPUTS:
            extract_input(input_dir, name, member, tar)
            files += 1
    if remaining:
        raise archive.InvalidBackup(f"The table {remaining[0]} is missing.")
    return files


def extract_input(
    input_dir: Path, name: str, member: tarfile.TarInfo, tar: tarfile.TarFile
) -> None:
    """Extract an input file; the filter rejects paths outside of the folder."""
    tar.extract(member.replace(name=name), input_dir, filter="data")


def check(manifest: Manifest) -> dict[str, TableSum]:
    """Compare rows and graphs with the backup; raise RestoreError."""
    totals = tables.totals(list(manifest.totals))
    different = tables.differing(manifest.totals, totals)
    if different:
        raise RestoreError(
            f"These tables differ from the backup: {', '.join(different)}."
        )
    # Only these columns: the tables may be those of an older version.
    for workspace_id, name in Workspace.all_objects.order_by("pk").values_list(
        "pk", "name"
    ):
        try:
            differences = consistency.check(workspace_id).differences
        except CypherUnavailable:
            break  # without AGE there are no graphs
        if differences:
            raise RestoreError(f"The graph of '{name}' differs from its tables.")
    return totals
