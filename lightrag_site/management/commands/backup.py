"""`manage.py backup`: the whole site into one file, while it runs."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console

from lightrag_site.backup import create, report
from lightrag_site.backup.archive import NotABackup


class Command(BaseCommand):
    help = (
        "Write all tables and input files into one file; the server may run meanwhile."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the .tar.gz to write")

    def handle(self, *, file: Path, **options: object) -> None:
        console = Console(stderr=True)
        started = time.monotonic()
        with console.status("Backing up") as status:
            try:
                made = create.make(
                    file,
                    settings.LIGHTRAG.server.input_dir,
                    lambda step: status.update(f"Backing up: {step}"),
                )
            except (NotABackup, OSError) as error:
                raise CommandError(f"The backup failed: {error}") from error
        report.show(self.stdout, made.manifest.totals, made.manifest.totals)
        self.stdout.write(
            f"{file}: {made.size:,} bytes, {made.files} input files,"
            f" {time.monotonic() - started:.1f} s, SHA-256 {made.sha256}"
        )
