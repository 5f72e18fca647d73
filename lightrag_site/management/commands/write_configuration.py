"""`manage.py write_configuration`: generate docs/configuration.md."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand

from lightrag_site.configuration import configuration_page


class Command(BaseCommand):
    """Generate the page of settings."""

    help = "Generate the documentation of all settings."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "file", type=Path, nargs="?", default=Path("docs/configuration.md")
        )

    def handle(self, *, file: Path, **options: object) -> None:
        file.write_text(configuration_page.page(), "utf-8")
        self.stdout.write(f"{file} written.")
