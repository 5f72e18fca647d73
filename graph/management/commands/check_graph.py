"""`manage.py check_graph`: compare the AGE graphs with the tables and repair them."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import IO, cast

from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError
from rich.console import Console
from rich.table import Table

from documents.models import Workspace
from graph.age import consistency, projection
from graph.age.consistency import Report
from graph.age.errors import CypherUnavailable


class Command(BaseCommand):
    """Print the differences of each workspace; fail if any are left."""

    help = "Compare the AGE graph of each workspace with its tables."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", help="name of the only workspace to check")
        parser.add_argument(
            "--repair", action="store_true", help="rebuild graphs that differ"
        )

    def handle(self, *, workspace: str | None, repair: bool, **options: object) -> None:
        console = Console(
            file=cast("IO[str]", self.stdout), markup=False, soft_wrap=True
        )
        workspaces = _workspaces(workspace)
        if repair and projection.install():
            console.print("Apache AGE was added: the graphs have been created.")
        try:
            results = [
                _check(console, pk, name, repair=repair) for pk, name in workspaces
            ]
        except CypherUnavailable as error:
            raise CommandError(str(error)) from error
        if not workspaces:
            console.print("There are no workspaces.")
        if not all(results):
            raise CommandError("The graph differs from the tables. Use --repair.")


def _workspaces(name: str | None) -> list[tuple[int, str]]:
    workspaces = Workspace.objects.order_by("name")
    if name:
        workspaces = workspaces.filter(name=name)
    try:
        pairs = list(workspaces.values_list("pk", "name"))
    except ProgrammingError as error:
        message = "The database has no tables. Run `manage.py migrate` first."
        raise CommandError(message) from error
    if name and not pairs:
        raise CommandError(f"Workspace not found: {name}.")
    return pairs


def _check(console: Console, pk: int, name: str, *, repair: bool) -> bool:
    """Return whether the graph equals the tables; repair it first if requested."""
    report = consistency.check(pk)
    _print(console, name, report)
    if not report.differences or not repair:
        return not report.differences
    consistency.repair(pk)
    console.print(f"{name}: rebuilt.")
    repaired = consistency.check(pk)
    _print(console, name, repaired)
    return not repaired.differences


def _print(console: Console, name: str, report: Report) -> None:
    size = f"{report.entities} entities, {report.relations} relations"
    if not report.differences:
        console.print(f"{name}: the graph equals the tables ({size}).")
        return
    table = Table("difference", "count", "examples", title=f"{name}: {size}")
    for difference in report.differences:
        examples = "\n".join(difference.examples)
        table.add_row(difference.problem, str(difference.count), examples)
    console.print(table)
