"""`manage.py reembed`: move workspaces to another embedding model while they answer."""

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
    "NEXT_EMBEDDING_MODEL is not set: set it (and NEXT_EMBEDDING_DIM, …) for web, workers"
    " and this command, and restart them, so that they can ask both models."
)
HOW_TO_END = (
    "Once all workspaces have moved, give EMBEDDING_* the values of NEXT_EMBEDDING_*,"
    " take those out, and restart."
)


class Command(BaseCommand):
    help = "Embed workspaces by the model of NEXT_EMBEDDING_*, and let it answer."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--workspace", help="this one alone; else all of them")

    def handle(self, *, workspace: str | None, **options: object) -> None:
        coming = settings.LIGHTRAG.next_embedding
        if coming is None:
            raise CommandError(HOW_TO_START)
        for each in chosen(workspace):
            if each.embedding_model == coming.label:
                self.stdout.write(f"{each.name}: answers by {coming.label} already")
            else:
                self.move(each, coming)
        self.stdout.write(HOW_TO_END)

    def move(self, workspace: Workspace, coming: EmbeddingConfig) -> None:
        started = time.monotonic()
        with Progress(console=Console(stderr=True)) as bars:
            bar = bars.add_task(workspace.name, total=None)
            try:
                count = embedding_migration.migrate(
                    workspace,
                    coming,
                    lambda done, total: bars.update(bar, completed=done, total=total),
                )
            except LLMError as error:
                raise CommandError(
                    f"{error} What was embedded is kept: run the command again."
                ) from error
        seconds = time.monotonic() - started
        self.stdout.write(
            f"{workspace.name}: {count} texts embedded by {coming.label} in"
            f" {seconds:.1f} s; it answers now"
        )


def chosen(name: str | None) -> list[Workspace]:
    if name is None:
        return list(Workspace.objects.order_by("name"))
    try:
        return [lookup.get(name)]
    except UnknownWorkspace as error:
        raise CommandError(str(error)) from error
