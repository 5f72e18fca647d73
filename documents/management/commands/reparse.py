"""`manage.py reparse`: parse stored files again with the current parsers."""

from __future__ import annotations

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from documents.intake import reparse
from documents.models import Workspace
from documents.workspaces import lookup
from documents.workspaces.lookup import UnknownWorkspace


class Command(BaseCommand):
    """The command `reparse`."""

    help = (
        "Parse stored files again, as new versions of their documents. Chunks whose text "
        "is unchanged keep their extraction and cost nothing."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("names", nargs="*", help="documents (default: all)")
        parser.add_argument("--workspace", help="only this workspace (default: all)")
        parser.add_argument(
            "--type",
            action="append",
            default=[],
            help="only files with this suffix, such as docx; can be repeated",
        )

    def handle(
        self,
        *,
        names: list[str],
        workspace: str | None,
        type: list[str],
        **options: object,
    ) -> None:
        suffixes = [f".{suffix.lower().lstrip('.')}" for suffix in type]
        for row in _workspaces(workspace):
            count = reparse.reparse(row, suffixes=suffixes, names=names)
            self.stdout.write(f"{row.name}: {count} documents queued")


def _workspaces(name: str | None) -> list[Workspace]:
    if name is None:
        return list(Workspace.objects.order_by("name"))
    try:
        return [lookup.get(name)]
    except UnknownWorkspace as error:
        raise CommandError(str(error)) from error
