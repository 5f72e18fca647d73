"""`manage.py scan_inputs`: queue what lies in the input folder, once or as it comes."""

from __future__ import annotations

import threading
from argparse import ArgumentParser
from pathlib import Path

import watchfiles
from django.core.management.base import BaseCommand
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from documents.files import file_storage
from documents.intake import scan, track_ids
from documents.intake.scan import ScanReport
from documents.models import Workspace
from documents.workspaces import lookup, workers

ROWS = (
    ("new", "queued"),
    ("replaced", "queued anew, the old document deleted"),
    ("changed", "differ from their document; --replace reads them anew"),
    ("duplicate", "hold what a document holds already"),
    ("known", "queued before, or failed"),
    ("unsupported", "no parser reads such files"),
    ("refused", "a bad name, or a link out of the folder"),
    ("unfinished", "still being written, or not to be read"),
)
SHOWN = 5
"""So many file names in a row of the summary."""


class Command(BaseCommand):
    help = "Queue the files that lie in the input folder."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--workspace",
            default="",
            help="whose folder; the default one's if not given",
        )
        parser.add_argument(
            "--replace", action="store_true", help="read changed files anew"
        )
        parser.add_argument(
            "--watch", action="store_true", help="go on with what is put there later"
        )

    def handle(
        self, *, workspace: str, replace: bool, watch: bool, **options: object
    ) -> None:
        console = Console()
        found = lookup.ensure(workspace)
        scan_folder(found, console, replace=replace)
        if watch:
            watch_folder(found, console, replace=replace)


def scan_folder(workspace: Workspace, console: Console, *, replace: bool) -> None:
    """Once, with a progress bar and a summary."""
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(f"Scanning {file_storage.folder(workspace)}", total=None)
        report = scan.scan(
            workspace,
            track_id=track_ids.make("scan"),
            replace=replace,
            progress=lambda done, total: bar.update(task, completed=done, total=total),
        )
    console.print(summary(report))
    if missing := workers.missing_message():
        console.print(missing, style="bold red")


def watch_folder(
    workspace: Workspace,
    console: Console,
    *,
    replace: bool,
    stop: threading.Event | None = None,
) -> None:
    """Scan at each change, until Ctrl-C or `stop`. Changes within 1.6 s of each other
    are one scan."""
    folder = file_storage.folder(workspace)
    console.print(f"Watching {folder}, Ctrl-C to stop.")
    changes = watchfiles.watch(
        folder,
        watch_filter=_is_of_interest,
        recursive=False,
        raise_interrupt=False,
        stop_event=stop,
    )
    for _ in changes:
        scan_folder(workspace, console, replace=replace)


def _is_of_interest(change: watchfiles.Change, path: str) -> bool:
    return change is not watchfiles.Change.deleted and not Path(path).name.startswith(
        "."
    )


def summary(report: ScanReport) -> Table:
    """A row for everything that was found."""
    table = Table(title=f"{report.queued} queued")
    for heading in ("", "files", "which", "meaning"):
        table.add_column(heading)
    for kind, meaning in ROWS:
        names: tuple[str, ...] = getattr(report, kind)
        more = ", …" if len(names) > SHOWN else ""
        if names:
            table.add_row(
                kind, str(len(names)), ", ".join(names[:SHOWN]) + more, meaning
            )
    return table
