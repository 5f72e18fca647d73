"""`manage.py resolve_entities`: entities that are one thing under two names."""

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
    help = "List names that are likely one entity; --apply merges the sure ones."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", default="")
        parser.add_argument(
            "--apply",
            nargs="?",
            type=float,
            const=duplicates.SURE,
            help=f"merge what is at least so sure (by default {duplicates.SURE})",
        )

    def handle(self, *, workspace: str, apply: float | None, **options: object) -> None:
        name = workspace or settings.LIGHTRAG.server.workspace
        known = Workspace.objects.filter(name=name)
        pk = known.values_list("pk", flat=True).first()
        if pk is None:
            raise CommandError(f"There is no workspace {name!r}.")
        if apply is None:
            found, title = duplicates.suggest(pk), "Likely the same"
        else:
            found, title = duplicates.apply(pk, apply), "Merged"
        table = Table("name", "is", "confidence", "because of", title=title)
        for one in found:
            table.add_row(one.name, one.target, f"{one.confidence:.2f}", one.reason)
        console = Console(file=cast("IO[str]", self.stdout), markup=False, width=120)
        console.print(table)
