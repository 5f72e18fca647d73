"""`manage.py restore`: restore a site from a backup."""

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
from lightrag_site.backup import restore, tables
from lightrag_site.backup.archive import InvalidBackup
from lightrag_site.backup.restore import RestoreError


class Command(BaseCommand):
    """Restore a backup."""

    help = "Restore a backup in one transaction and verify every table."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="file that `backup` wrote")
        parser.add_argument(
            "--replace", action="store_true", help="delete existing data first"
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
            except (RestoreError, InvalidBackup, DatabaseError) as error:
                raise CommandError(f"Nothing was restored: {error}") from error
        audit.record(
            Action.SITE_RESTORE, file.name, made_at=str(restored.manifest.made_at)
        )
        tables.show_report(self.stdout, restored.manifest.totals, restored.totals)
        self.stdout.write(
            f"Restored from {restored.manifest.made_at}, {restored.files} input files,"
            f" {time.monotonic() - started:.1f} s. All tables and graphs equal the backup."
        )
