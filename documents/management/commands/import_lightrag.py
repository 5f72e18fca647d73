"""`manage.py import_lightrag`: move in from LightRAG, without paying for anything twice."""

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
from documents.importers.lightrag.store import NotAStore, Store
from documents.models import Workspace
from documents.workspaces import lookup
from retrieval.llm.errors import LLMError
from retrieval.llm.registry import configured_models


class Command(BaseCommand):
    help = (
        "Bring a LightRAG rag_storage folder, or its PostgreSQL, into a workspace,"
        " without asking an LLM."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("store", help="a rag_storage folder, or postgresql://…")
        parser.add_argument(
            "--source",
            default="",
            help="the workspace in LightRAG's PostgreSQL; the unnamed one if not given",
        )
        parser.add_argument(
            "--workspace",
            default="",
            help="where to, made if need be; the default one if not given",
        )

    def handle(
        self, *, store: str, source: str, workspace: str, **options: object
    ) -> None:
        console = Console(stderr=True)
        target = lookup.ensure(workspace)
        check_dimensions(target)
        started = time.monotonic()
        try:
            with opened(store, source) as read:
                report = import_shown(read, target, console)
        except (NotAStore, LLMError) as error:
            raise CommandError(str(error)) from error
        tell(report, target, time.monotonic() - started, self)


def opened(store: str, source: str) -> AbstractContextManager[Store]:
    """The store of that name; raises NotAStore."""
    if store.startswith(("postgresql://", "postgres://")):
        return closing(PostgresStore(store, source))
    return nullcontext(FileStore(Path(store)))


def check_dimensions(workspace: Workspace) -> None:
    """New vectors must fit beside those that the workspace holds."""
    configured = configured_models.embedder(workspace.embedding_model).dimensions
    if workspace.embedding_dimensions != configured:
        raise CommandError(
            f"Workspace '{workspace.name}' holds vectors of"
            f" {workspace.embedding_dimensions} dimensions, but EMBEDDING_DIM is"
            f" {configured}: set it back, or name another --workspace."
        )


def import_shown(store: Store, workspace: Workspace, console: Console) -> ImportReport:
    """With a bar for each step."""
    with Progress(console=console, transient=True) as bars:
        tasks = {}

        def show(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step)
            bars.update(tasks[step], completed=done, total=max(total, 1))

        return import_store.run(store, workspace, show)


def tell(
    report: ImportReport, workspace: Workspace, seconds: float, command: BaseCommand
) -> None:
    """One line for everything that happened."""
    lines = [
        f"{report.imported} documents imported into '{workspace.name}'"
        f" ({report.chunks} chunks) in {seconds:.1f} s",
        f"{report.vectors_reused} vectors taken over, {report.vectors_made} made anew",
    ]
    if report.known:
        lines.append(f"{report.known} documents were there already")
    if report.unfinished:
        lines.append(
            f"{report.unfinished} had not been finished: they stand as failed, retry them"
        )
    if report.skipped:
        lines.append(f"{report.skipped} had no text and were left out")
    command.stdout.write("\n".join(lines))
