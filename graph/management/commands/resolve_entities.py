"""`manage.py resolve_entities`: list or merge probable duplicates of entities."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import IO, cast

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.table import Table

from documents.models import Workspace
from graph.curation import duplicates


class Command(BaseCommand):
    """Print suggested duplicates, or merge them with `--apply`."""

    help = "List probable duplicates of entities; --apply merges them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", default="")
        parser.add_argument(
            "--apply",
            nargs="?",
            type=float,
            const=duplicates.SURE,
            help=f"merge at this minimum confidence (default {duplicates.SURE})",
        )

    def handle(self, *, workspace: str, apply: float | None, **options: object) -> None:
        name = workspace or settings.LIGHTRAG.server.workspace
        workspaces = Workspace.objects.filter(name=name)
        pk = workspaces.values_list("pk", flat=True).first()
        if pk is None:
            raise CommandError(f"Workspace not found: {name}.")
        if apply is None:
            suggestions, title = duplicates.suggest(pk), "Probable duplicates"
        else:
            suggestions, title = duplicates.apply(pk, apply), "Merged"
        table = Table("name", "target", "confidence", "reason", title=title)
        for s in suggestions:
            table.add_row(s.name, s.target, f"{s.confidence:.2f}", s.reason)
        console = Console(file=cast("IO[str]", self.stdout), markup=False, width=120)
        console.print(table)
