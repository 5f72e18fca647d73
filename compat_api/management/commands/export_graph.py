"""`manage.py export_graph`: write the graph of a workspace to a file."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from documents.workspaces import lookup
from documents.workspaces.lookup import UnknownWorkspace
from graph.interchange import export_graph
from graph.interchange.formats import FORMATS, Format


class Command(BaseCommand):
    """The command."""

    help = "Write a workspace's graph to a file: .graphml, .jsonl, or .zip (CSV)."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the suffix selects the format")
        parser.add_argument(
            "--workspace", default="", help="workspace name; the default one if omitted"
        )

    def handle(self, *, file: Path, workspace: str, **options: object) -> None:
        """Write a temporary file and rename it, so the file is never incomplete."""
        form = form_of(file)
        partial = file.with_name(f".{file.name}.part")
        try:
            workspace_id = lookup.get(workspace).pk
            with partial.open("wb") as output:
                export_graph.export(workspace_id, form, output)
            partial.replace(file)
        except (UnknownWorkspace, OSError) as error:
            raise CommandError(str(error)) from error
        finally:
            partial.unlink(missing_ok=True)
        self.stdout.write(f"Graph exported to {file}.")


def form_of(file: Path) -> Format:
    """Return the format by the suffix of the file; raise CommandError."""
    form = FORMATS.get(file.suffix.lower().lstrip("."))
    if form is None:
        suffixes = ", ".join(f".{name}" for name in FORMATS)
        raise CommandError(f"Unknown format: {file.name}. Use one of {suffixes}.")
    return form
