"""`manage.py evaluate questions.jsonl`: which passages each mode finds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, cast

from asgiref.sync import async_to_sync
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import track

from documents import workspaces
from documents.models import Workspace
from retrieval.evaluation import plot, questions, report, scores, trial
from retrieval.evaluation.questions import BadQuestion, GoldQuestion
from retrieval.evaluation.trial import Trial


class Command(BaseCommand):
    """Ask every question in every mode and compare what is found with the gold."""

    help = (
        "Ask questions whose passages are known, and say how many of these each mode "
        'finds. A line of the file: {"question": "…", "gold": ["document name or chunk '
        'id", …]}. Modes: '
        + ", ".join(trial.NAMES)
        + f"; one that ends with {trial.WITHOUT_KEYWORDS} asks no model for keywords."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("questions", type=Path)
        parser.add_argument("--workspace", default="")
        parser.add_argument("--modes", default=",".join(trial.NAMES))
        parser.add_argument("--plot", type=Path, help="Write an SVG picture here.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            asked = questions.read(options["questions"].read_text("utf-8").splitlines())
            workspace = workspaces.get(options["workspace"])
        except (BadQuestion, OSError, workspaces.UnknownWorkspace) as error:
            raise CommandError(str(error)) from error
        if not asked:
            raise CommandError("There are no questions in the file.")
        trials = {
            mode: _run(workspace, asked, mode) for mode in _modes(options["modes"])
        }
        file = cast("IO[str]", self.stdout)
        report.show(Console(file=file, width=150), trials)
        if options["plot"]:
            measured = {mode: scores.measures(some) for mode, some in trials.items()}
            options["plot"].write_text(plot.svg(measured, "recall@5"), "utf-8")


def _modes(text: str) -> list[str]:
    wanted = [name.strip() for name in text.split(",") if name.strip()]
    for name in wanted:
        if name.removesuffix(trial.WITHOUT_KEYWORDS) not in trial.NAMES:
            raise CommandError(f"There is no mode '{name}'.")
    return wanted


def _run(workspace: Workspace, asked: Sequence[GoldQuestion], mode: str) -> list[Trial]:
    ask = async_to_sync(trial.run)
    shown = track(asked, mode, console=Console(stderr=True), transient=True)
    return [ask(workspace, one, mode) for one in shown]
