"""`manage.py restore`: the site as a backup holds it."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from rich.console import Console

from documents.workspaces import audit
from documents.workspaces.audit import Action
from lightrag_site.backup import report, restore
from lightrag_site.backup.archive import NotABackup
from lightrag_site.backup.restore import CannotRestore


class Command(BaseCommand):
    help = "Put a backup back; all or nothing, checked row by row."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="what `backup` wrote")
        parser.add_argument(
            "--replace", action="store_true", help="delete what is there first"
        )

    def handle(self, *, file: Path, replace: bool, **options: object) -> None:
        console = Console(stderr=True)
        started = time.monotonic()
        with console.status("Restoring") as status:
            try:
                restored = restore.restore(
                    file,
                    settings.LIGHTRAG.server.input_dir,
                    lambda step: status.update(f"Restoring: {step}"),
                    replace=replace,
                )
            except (CannotRestore, NotABackup, DatabaseError) as error:
                raise CommandError(f"Nothing was restored: {error}") from error
        audit.record(
            Action.SITE_RESTORE, file.name, made_at=str(restored.manifest.made_at)
        )
        report.show(self.stdout, restored.manifest.totals, restored.totals)
        self.stdout.write(
            f"Restored from {restored.manifest.made_at}, {restored.files} input files,"
            f" {time.monotonic() - started:.1f} s. Every table and graph is as it was."
        )
