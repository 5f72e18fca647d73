"""`manage.py import_graph`: read a file into the graph of a workspace."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from compat_api.management.commands.export_graph import form_of
from documents.models import Workspace
from documents.workspaces import lookup
from graph.interchange import import_graph
from graph.interchange.import_graph import ImportReport
from graph.interchange.rows import InvalidGraphFile


class Command(BaseCommand):
    """The command."""

    help = "Import a graph file (.graphml, .jsonl, or .zip with CSV) into a workspace."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="the suffix selects the format")
        parser.add_argument(
            "--workspace",
            default="",
            help="workspace name, created if missing; the default one if omitted",
        )
        parser.add_argument(
            "--replace",
            action="store_true",
            help="overwrite existing entities and relations",
        )

    def handle(
        self, *, file: Path, workspace: str, replace: bool, **options: object
    ) -> None:
        """Import the file, completely or not at all."""
        form = form_of(file)
        target = lookup.ensure(workspace)
        try:
            with file.open("rb") as source:
                report = import_graph.run(target.pk, form.read(source), replace=replace)
        except (InvalidGraphFile, OSError) as error:
            raise CommandError(f"Nothing was imported. {error}") from error
        self.stdout.write(summary(report, target))


def summary(report: ImportReport, target: Workspace) -> str:
    """Return the report as a sentence."""
    return (
        f"Imported into '{target.name}': {report.entities_made} entities and "
        f"{report.relations_made} relations created, {report.entities_changed} and "
        f"{report.relations_changed} changed, {report.entities_kept} and "
        f"{report.relations_kept} unchanged."
    )
