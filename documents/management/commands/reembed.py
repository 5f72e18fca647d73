"""`manage.py reembed`: change the embedding model of workspaces without downtime."""

from __future__ import annotations

import time
from argparse import ArgumentParser

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from rich.console import Console
from rich.progress import Progress

from documents.models import Workspace
from documents.pipeline import embedding_migration
from documents.workspaces import lookup
from documents.workspaces.lookup import UnknownWorkspace
from retrieval.llm.config import EmbeddingConfig
from retrieval.llm.errors import LLMError

HOW_TO_START = (
    "NEXT_EMBEDDING_MODEL is not set. Set it (and NEXT_EMBEDDING_DIM, …) for the web"
    " server, the workers and this command, and restart them, so they can use both models."
)
HOW_TO_END = (
    "When all workspaces use the new model, set EMBEDDING_* to the values of"
    " NEXT_EMBEDDING_*, remove those, and restart."
)


class Command(BaseCommand):
    """The command `reembed`."""

    help = "Re-embed workspaces with the model of NEXT_EMBEDDING_*, and switch to it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", help="only this workspace (default: all)")

    def handle(self, *, workspace: str | None, **options: object) -> None:
        next_model = settings.LIGHTRAG.next_embedding
        if next_model is None:
            raise CommandError(HOW_TO_START)
        for row in selected_workspaces(workspace):
            if row.embedding_model == next_model.label:
                self.stdout.write(f"{row.name}: already uses {next_model.label}")
            else:
                self.move(row, next_model)
        self.stdout.write(HOW_TO_END)

    def move(self, workspace: Workspace, next_model: EmbeddingConfig) -> None:
        started = time.monotonic()
        with Progress(console=Console(stderr=True)) as bars:
            bar = bars.add_task(workspace.name, total=None)
            try:
                count = embedding_migration.migrate(
                    workspace,
                    next_model,
                    lambda done, total: bars.update(bar, completed=done, total=total),
                )
            except LLMError as error:
                raise CommandError(
                    f"{error} Stored vectors are kept. Run the command again to continue."
                ) from error
        seconds = time.monotonic() - started
        self.stdout.write(
            f"{workspace.name}: {count} texts embedded with {next_model.label} in"
            f" {seconds:.1f} s; queries use the new model now"
        )


def selected_workspaces(name: str | None) -> list[Workspace]:
    if name is None:
        return list(Workspace.objects.order_by("name"))
    try:
        return [lookup.get(name)]
    except UnknownWorkspace as error:
        raise CommandError(str(error)) from error
