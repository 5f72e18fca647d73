"""`manage.py export_graph`: a workspace's graph to a file."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from documents.workspaces import lookup
from documents.workspaces.lookup import UnknownWorkspace
from graph.interchange import export_graph
from graph.interchange.formats import FORMATS, Format


class Command(BaseCommand):
    help = "Write a workspace's graph to a file: .graphml, .jsonl, or .zip (CSV)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="its suffix says the form")
        parser.add_argument(
            "--workspace", default="", help="the default one's if not given"
        )

    def handle(self, *, file: Path, workspace: str, **options: object) -> None:
        """The file is there whole, or as it was before."""
        form = form_of(file)
        partial = file.with_name(f".{file.name}.part")
        try:
            number = lookup.get(workspace).pk
            with partial.open("wb") as opened:
                export_graph.export(number, form, opened)
            partial.replace(file)
        except (UnknownWorkspace, OSError) as error:
            raise CommandError(str(error)) from error
        finally:
            partial.unlink(missing_ok=True)
        self.stdout.write(f"The graph is in {file}.")


def form_of(file: Path) -> Format:
    """By the file's suffix."""
    form = FORMATS.get(file.suffix.lower().lstrip("."))
    if form is None:
        known = ", ".join(f".{name}" for name in FORMATS)
        raise CommandError(f"'{file.name}' ends in none of {known}.")
    return form
