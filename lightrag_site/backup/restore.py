"""The file of a backup -> the site as it was, in one transaction, checked before its end."""

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


class CannotRestore(Exception):
    """The backup cannot be restored here. Nothing was changed."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What stands in the tables now; it equals the manifest's."""

    manifest: Manifest
    totals: dict[str, TableSum]
    files: int


def restore(
    path: Path, input_dir: Path, progress: Progress, *, replace: bool
) -> Restored:
    """Put back everything; `replace` what is there.

    Raises CannotRestore and NotABackup; the tables then are as they were before.
    """
    with archive.opened(path) as tar:
        manifest = archive.manifest(tar)
        check_fits(manifest, replace=replace)
        with transaction.atomic():
            tables.empty(list(manifest.columns))
            files = read_members(tar, manifest, input_dir, progress)
            tables.reset_sequences()
            progress("checking")
            totals = check(manifest)
    return Restored(manifest, totals, files)


def check_fits(manifest: Manifest, *, replace: bool) -> None:
    here, there = as_set(tables.migrations()), as_set(manifest.migrations)
    if here != there:
        raise CannotRestore(
            f"Its tables have other migrations ({', '.join(sorted(here ^ there))})."
            " Migrate to those it was made with, restore, and migrate again."
        )
    if not replace and Document.objects.exists():
        raise CannotRestore(
            "There are documents here: add --replace to have them replaced by the backup."
        )


def as_set(migrations: list[list[str]]) -> set[str]:
    return {".".join(migration) for migration in migrations}


def read_members(
    tar: tarfile.TarFile, manifest: Manifest, input_dir: Path, progress: Progress
) -> int:
    """Fill the tables and the input folder; returns the number of files."""
    waiting = list(manifest.columns)
    files = 0
    for member, file in archive.files(tar):
        kind, _, name = member.name.partition("/")
        if kind == "tables" and name == waiting[0]:
            progress(name)
            tables.copy_in(name, manifest.columns[name], file)
            waiting.pop(0)
        elif kind == archive.INPUTS:
            place(input_dir, name, member, tar)
            files += 1
    if waiting:
        raise archive.NotABackup(f"It ends before the table {waiting[0]}.")
    return files


def place(
    input_dir: Path, name: str, member: tarfile.TarInfo, tar: tarfile.TarFile
) -> None:
    """One input file; the filter refuses whatever would lead out of the folder."""
    tar.extract(member.replace(name=name), input_dir, filter="data")


def check(manifest: Manifest) -> dict[str, TableSum]:
    """Every row is back, and the graphs equal the tables; raises CannotRestore."""
    totals = tables.totals(list(manifest.totals))
    wrong = tables.differing(manifest.totals, totals)
    if wrong:
        raise CannotRestore(f"These tables came back otherwise: {', '.join(wrong)}.")
    for workspace in Workspace.objects.order_by("pk"):
        try:
            differences = consistency.check(workspace.pk).differences
        except CypherUnavailable:
            break  # without AGE there is no graph to differ
        if differences:
            raise CannotRestore(f"The graph of '{workspace.name}' came back otherwise.")
    return totals
