"""`manage.py check_graph`: compare AGE's graphs with the tables, and mend them."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import IO, cast

from django.core.management.base import BaseCommand, CommandError
from django.db import ProgrammingError
from rich.console import Console
from rich.table import Table

from documents.models import Workspace
from graph.age import consistency
from graph.age.consistency import Report
from graph.age.errors import CypherUnavailable


class Command(BaseCommand):
    help = "Compare the AGE graph of each workspace with its tables."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", help="check this one only")
        parser.add_argument(
            "--repair", action="store_true", help="make differing graphs anew"
        )

    def handle(self, *, workspace: str | None, repair: bool, **options: object) -> None:
        console = Console(
            file=cast("IO[str]", self.stdout), markup=False, soft_wrap=True
        )
        differing = 0
        known = _workspaces(workspace)
        for number, name in known:
            try:
                differing += not _check(console, number, name, repair=repair)
            except CypherUnavailable as error:
                raise CommandError(str(error)) from error
        if not known:
            console.print("There are no workspaces.")
        if differing:
            raise CommandError("The graph differs from the tables: run with --repair.")


def _workspaces(name: str | None) -> list[tuple[int, str]]:
    known = Workspace.objects.order_by("name")
    found = known.filter(name=name) if name else known
    try:
        pairs = list(found.values_list("pk", "name"))
    except ProgrammingError as error:
        message = "The database has no tables yet: run `manage.py migrate` first."
        raise CommandError(message) from error
    if name and not pairs:
        raise CommandError(f"There is no workspace {name!r}.")
    return pairs


def _check(console: Console, number: int, name: str, *, repair: bool) -> bool:
    """Whether the graph equals the tables, in the end."""
    report = consistency.check(number)
    _print(console, name, report)
    if not report.differences or not repair:
        return not report.differences
    consistency.repair(number)
    console.print(f"{name}: made anew.")
    mended = consistency.check(number)
    _print(console, name, mended)
    return not mended.differences


def _print(console: Console, name: str, report: Report) -> None:
    size = f"{report.entities} entities, {report.relations} relations"
    if not report.differences:
        console.print(f"{name}: the graph equals the tables ({size}).")
        return
    table = Table("difference", "count", "such as", title=f"{name}: {size}")
    for found in report.differences:
        table.add_row(found.problem, str(found.count), "\n".join(found.examples))
    console.print(table)
