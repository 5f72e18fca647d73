"""`manage.py evaluate questions.jsonl`: which passages each mode finds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, cast

from asgiref.sync import async_to_sync
from django.core.management.base import BaseCommand, CommandError, CommandParser
from rich.console import Console
from rich.progress import track

from documents.models import Workspace
from documents.workspaces import lookup
from retrieval.evaluation import (
    feedback_questions,
    questions,
    recall_chart,
    report,
    scores,
    trial,
)
from retrieval.evaluation.questions import BadQuestion, GoldQuestion
from retrieval.evaluation.trial import Trial
from retrieval.llm.base import ChatModel
from retrieval.llm.registry import configured_models


class Command(BaseCommand):
    """Ask every question in every mode and compare what is found with the gold."""

    help = (
        "Ask questions whose passages are known, and say how many of these each mode "
        'finds. A line of the file: {"question": "…", "gold": ["document name or chunk '
        'id", …], "answer": "…"}; where it has an answer and a language model is '
        "configured, that is asked too. Modes: "
        + ", ".join(trial.NAMES)
        + f"; one that ends with {trial.WITHOUT_KEYWORDS} asks no model for keywords."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("questions", type=Path, nargs="?")
        parser.add_argument(
            "--thumbs",
            action="store_true",
            help="Ask what the chat has thumbs up for, in place of a file's questions.",
        )
        parser.add_argument("--workspace", default="")
        parser.add_argument("--modes", default=",".join(trial.NAMES))
        parser.add_argument(
            "--no-answers",
            action="store_true",
            help="Search only, though a language model is configured.",
        )
        parser.add_argument("--plot", type=Path, help="Write an SVG picture here.")
        parser.add_argument("--lines", type=Path, help="Write JSON lines here.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            workspace = lookup.get(options["workspace"])
            asked = _questions(workspace, options["questions"], options["thumbs"])
        except (BadQuestion, OSError, lookup.UnknownWorkspace) as error:
            raise CommandError(str(error)) from error
        model = None if options["no_answers"] else configured_models.query_chat()
        trials = {
            mode: _run(workspace, asked, mode, model)
            for mode in _modes(options["modes"])
        }
        file = cast("IO[str]", self.stdout)
        report.show(Console(file=file, width=170), trials)
        if options["lines"]:
            text = "".join(f"{line}\n" for line in report.lines(trials))
            options["lines"].write_text(text, "utf-8")
        if options["plot"]:
            measured = {mode: scores.measures(some) for mode, some in trials.items()}
            options["plot"].write_text(recall_chart.svg(measured, "recall@5"), "utf-8")


def _questions(
    workspace: Workspace, path: Path | None, from_thumbs: object
) -> list[GoldQuestion]:
    """A file's, or the chat's."""
    if from_thumbs:
        asked = feedback_questions.questions(workspace)
        if not asked:
            raise CommandError("No answer with citations has a thumb up yet.")
        return asked
    if path is None:
        raise CommandError("Name a file of questions, or say --thumbs.")
    asked = questions.read(path.read_text("utf-8").splitlines())
    if not asked:
        raise CommandError("There are no questions in the file.")
    return asked


def _modes(text: str) -> list[str]:
    wanted = [name.strip() for name in text.split(",") if name.strip()]
    for name in wanted:
        if name.removesuffix(trial.WITHOUT_KEYWORDS) not in trial.NAMES:
            raise CommandError(f"There is no mode '{name}'.")
    return wanted


def _run(
    workspace: Workspace,
    asked: Sequence[GoldQuestion],
    mode: str,
    model: ChatModel | None,
) -> list[Trial]:
    ask = async_to_sync(trial.run)
    shown = track(asked, mode, console=Console(stderr=True), transient=True)
    return [ask(workspace, one, mode, model) for one in shown]
