"""`manage.py backup`: write a backup of the running site into one file."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from lightrag_site.backup import create, tables
from lightrag_site.backup.archive import InvalidBackup


class Command(BaseCommand):
    """Write a backup."""

    help = "Write all tables and input files into one file. The server may run."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="path of the .tar.gz file")

    def handle(self, *, file: Path, **options: object) -> None:
        console = Console(stderr=True)
        started = time.monotonic()
        with console.status("Backing up") as status:
            try:
                created = create.create(
                    file,
                    settings.LIGHTRAG.server.input_dir,
                    lambda step: status.update(f"Backing up: {step}"),
                )
            except (InvalidBackup, OSError) as error:
                raise CommandError(f"The backup failed: {error}") from error
        tables.show_report(
            self.stdout, created.manifest.totals, created.manifest.totals
        )
        self.stdout.write(
            f"{file}: {created.size:,} bytes, {created.files} input files,"
            f" {time.monotonic() - started:.1f} s, SHA-256 {created.sha256}"
        )
