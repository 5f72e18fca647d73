"""`manage.py scan_inputs`: queue the files of the input folder, once or continuously."""

from __future__ import annotations

import os
import threading
from argparse import ArgumentParser
from pathlib import Path

import watchfiles
from django.core.management.base import BaseCommand
from rich.console import Console
from rich.progress import Progress
from rich.table import Table

from documents.files import file_storage
from documents.intake import new_documents, scan
from documents.intake.scan import ScanReport
from documents.models import Workspace
from documents.workspaces import lookup, workers

ROWS = (
    ("new", "queued"),
    ("replaced", "queued as new versions of their documents"),
    ("changed", "differ from their document; use --replace to queue them"),
    ("duplicate", "a document with this content exists"),
    ("known", "queued before, or failed"),
    ("unsupported", "file type is not supported"),
    ("refused", "invalid name, or link to a file outside the folder"),
    ("unfinished", "still being written, or not readable"),
)
MAX_NAMES = 5
"""Upper bound on the file names in a row of the summary."""


class Command(BaseCommand):
    """The command `scan_inputs`."""

    help = "Queue the files of the input folder for processing."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--workspace",
            default="",
            help="workspace whose folder is scanned (default: WORKSPACE)",
        )
        parser.add_argument(
            "--replace",
            action="store_true",
            help="queue changed files as new versions of their documents",
        )
        parser.add_argument(
            "--watch",
            action="store_true",
            help="keep watching the folder for new files",
        )

    def handle(
        self, *, workspace: str, replace: bool, watch: bool, **options: object
    ) -> None:
        console = Console()
        target = lookup.ensure(workspace)
        scan_folder(target, console, replace=replace)
        if watch:
            watch_folder(target, console, replace=replace)


def scan_folder(workspace: Workspace, console: Console, *, replace: bool) -> None:
    """Scan once, with a progress bar and a summary."""
    with Progress(console=console, transient=True) as bar:
        task = bar.add_task(f"Scanning {file_storage.folder(workspace)}", total=None)
        report = scan.scan(
            workspace,
            track_id=new_documents.track_id("scan"),
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
    """Scan after each change until Ctrl-C or `stop`.

    Changes within 1.6 s cause one scan.
    """
    folder = file_storage.folder(workspace)
    console.print(f"Watching {folder}, Ctrl-C to stop.")
    changes = watchfiles.watch(
        folder,
        watch_filter=_is_relevant,
        raise_interrupt=False,
        stop_event=stop,
    )
    for _ in changes:
        scan_folder(workspace, console, replace=replace)


def _is_relevant(change: watchfiles.Change, path: str) -> bool:
    """Return whether a file was added or changed outside of hidden and archive folders."""
    folder = file_storage.input_dir().resolve()
    parts = Path(os.path.relpath(Path(path).resolve(), folder)).parts
    hidden = any(part.startswith((".", file_storage.ARCHIVE)) for part in parts)
    return change is not watchfiles.Change.deleted and not hidden


def summary(report: ScanReport) -> Table:
    """Return a table with a row for each outcome that occurred."""
    table = Table(title=f"{report.queued} queued")
    for heading in ("", "files", "which", "meaning"):
        table.add_column(heading)
    for kind, meaning in ROWS:
        names: tuple[str, ...] = getattr(report, kind)
        more = ", …" if len(names) > MAX_NAMES else ""
        if names:
            table.add_row(
                kind, str(len(names)), ", ".join(names[:MAX_NAMES]) + more, meaning
            )
    return table
