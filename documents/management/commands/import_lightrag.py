"""`manage.py import_lightrag`: import a LightRAG store without calling an LLM."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import Progress

from documents.importers.lightrag import import_store
from documents.importers.lightrag.file_store import FileStore
from documents.importers.lightrag.import_store import ImportReport
from documents.importers.lightrag.postgres_store import PostgresStore
from documents.importers.lightrag.store import InvalidStore, Store
from documents.models import Workspace
from documents.workspaces import lookup
from retrieval.llm.errors import LLMError
from retrieval.llm.registry import configured_models


class Command(BaseCommand):
    """The command `import_lightrag`."""

    help = (
        "Import a LightRAG rag_storage folder, or its PostgreSQL database, into a"
        " workspace, without calling an LLM."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "store", help="a rag_storage folder, or a URL postgresql://…"
        )
        parser.add_argument(
            "--source",
            default="",
            help="workspace in LightRAG's database (default: the unnamed one)",
        )
        parser.add_argument(
            "--workspace",
            default="",
            help="target workspace, created if missing (default: WORKSPACE)",
        )

    def handle(
        self, *, store: str, source: str, workspace: str, **options: object
    ) -> None:
        console = Console(stderr=True)
        target = lookup.ensure(workspace)
        check_dimensions(target)
        started = time.monotonic()
        try:
            with open_store(store, source) as opened_store:
                report = import_with_progress(opened_store, target, console)
        except (InvalidStore, LLMError) as error:
            raise CommandError(str(error)) from error
        print_report(report, target, time.monotonic() - started, self)


def open_store(store: str, source: str) -> AbstractContextManager[Store]:
    """Return the store at this path or URL; raise InvalidStore."""
    if store.startswith(("postgresql://", "postgres://")):
        return closing(PostgresStore(store, source))
    return nullcontext(FileStore(Path(store)))


def check_dimensions(workspace: Workspace) -> None:
    """Raise CommandError unless new vectors have the dimensions of the stored ones."""
    configured = configured_models.embedder(workspace.embedding_model).dimensions
    if workspace.embedding_dimensions != configured:
        raise CommandError(
            f"Workspace '{workspace.name}' has vectors of"
            f" {workspace.embedding_dimensions} dimensions, but EMBEDDING_DIM is"
            f" {configured}. Change EMBEDDING_DIM, or select another --workspace."
        )


def import_with_progress(
    store: Store, workspace: Workspace, console: Console
) -> ImportReport:
    """Import the store with a progress bar for each step."""
    with Progress(console=console, transient=True) as bars:
        tasks = {}

        def show(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step)
            bars.update(tasks[step], completed=done, total=max(total, 1))

        return import_store.run(store, workspace, show)


def print_report(
    report: ImportReport, workspace: Workspace, seconds: float, command: BaseCommand
) -> None:
    """Print the numbers of the report."""
    lines = [
        f"{report.imported} documents imported into '{workspace.name}'"
        f" ({report.chunks} chunks) in {seconds:.1f} s",
        f"{report.vectors_reused} vectors reused, {report.vectors_made} computed",
    ]
    if report.existing:
        lines.append(f"{report.existing} documents already exist")
    if report.unfinished:
        lines.append(
            f"{report.unfinished} unfinished documents were imported as failed; retry them"
        )
    if report.skipped:
        lines.append(f"{report.skipped} documents without text were skipped")
    command.stdout.write("\n".join(lines))
