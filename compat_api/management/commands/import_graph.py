"""`manage.py import_graph`: a file into a workspace's graph."""

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
    help = "Bring a graph's file (.graphml, .jsonl, or .zip with CSV) into a workspace."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path, help="its suffix says the form")
        parser.add_argument(
            "--workspace",
            default="",
            help="where to, made if need be; the default one if not given",
        )
        parser.add_argument(
            "--replace",
            action="store_true",
            help="change what is there already to what the file says",
        )

    def handle(
        self, *, file: Path, workspace: str, replace: bool, **options: object
    ) -> None:
        """All of the file or nothing."""
        form = form_of(file)
        target = lookup.ensure(workspace)
        try:
            with file.open("rb") as opened:
                report = import_graph.run(target.pk, form.read(opened), replace=replace)
        except (InvalidGraphFile, OSError) as error:
            raise CommandError(f"Nothing was imported. {error}") from error
        self.stdout.write(told(report, target))


def told(report: ImportReport, target: Workspace) -> str:
    """The report in words."""
    return (
        f"Imported into '{target.name}': {report.entities_made} entities and "
        f"{report.relations_made} relations made, {report.entities_changed} and "
        f"{report.relations_changed} changed, {report.entities_kept} and "
        f"{report.relations_kept} kept as they were."
    )
