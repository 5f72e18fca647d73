"""`manage.py evaluate questions.jsonl`: measure what each mode finds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any, cast

from asgiref.sync import async_to_sync
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from rich.console import Console
from rich.progress import track

from documents.models import Workspace
from documents.workspaces import lookup
from retrieval.evaluation import questions, recall_chart, report, scores, trial
from retrieval.evaluation.questions import BadQuestion, GoldQuestion
from retrieval.evaluation.trial import Trial
from retrieval.llm import event_loop
from retrieval.llm.base import ChatModel
from retrieval.llm.errors import LLMError
from retrieval.llm.registry import configured_models


class Command(BaseCommand):
    """Search every question in every mode and compare the results with the gold."""

    help = (
        "Search questions whose relevant chunks are known, and report how many of these "
        'each mode finds. Lines of the file: {"question": "…", "gold": ["document name '
        'or chunk id", …], "answer": "…"}. If a line has an answer and a language model '
        "is configured, the question is also answered. Modes: "
        + ", ".join(trial.NAMES)
        + f"; with the suffix {trial.WITHOUT_KEYWORDS}, no model extracts keywords."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("questions", type=Path, nargs="?")
        parser.add_argument(
            "--feedback",
            "--thumbs",
            action="store_true",
            help="Use the questions of answers rated good in the chat instead of a file.",
        )
        parser.add_argument("--workspace", default="")
        parser.add_argument("--modes", default=",".join(trial.NAMES))
        parser.add_argument(
            "--no-answers",
            action="store_true",
            help="Search only, even if a language model is configured.",
        )
        parser.add_argument(
            "--judge",
            action="store_true",
            help="Answer all questions, and let the language model judge the answers: "
            "faithfulness, relevance and context precision.",
        )
        parser.add_argument(
            "--save",
            type=Path,
            help="Append the measures to this CSV file, to compare them with other runs.",
        )
        parser.add_argument(
            "--label", default="", help="Name of this run in the file of --save."
        )
        parser.add_argument(
            "--plot", type=Path, help="Write an SVG chart to this file."
        )
        parser.add_argument("--lines", type=Path, help="Write JSON lines to this file.")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            workspace = lookup.get(options["workspace"])
            gold = _questions(workspace, options["questions"], options["feedback"])
        except (BadQuestion, OSError, lookup.UnknownWorkspace) as error:
            raise CommandError(str(error)) from error
        model = None if options["no_answers"] else configured_models.query_chat()
        if options["judge"] and model is None:
            raise CommandError(
                "--judge scores generated answers. Set LLM_BINDING and do not use "
                "--no-answers."
            )
        try:
            trials = {
                mode: _run(workspace, gold, mode, model, judged=options["judge"])
                for mode in _modes(options["modes"])
            }
        except LLMError as error:
            raise CommandError(f"The language model failed: {error}") from error
        file = cast("IO[str]", self.stdout)
        report.show(Console(file=file, width=170), trials)
        if options["lines"]:
            text = "".join(f"{line}\n" for line in report.lines(trials))
            options["lines"].write_text(text, "utf-8")
        if options["save"]:
            identity = model.identity if model else ""
            date = timezone.now().isoformat(timespec="seconds")
            run = report.Run(date, options["label"], workspace.name, identity)
            report.save(options["save"], trials, run)
        if options["plot"]:
            measured = {mode: scores.measures(group) for mode, group in trials.items()}
            options["plot"].write_text(recall_chart.svg(measured, "recall@5"), "utf-8")


def _questions(
    workspace: Workspace, path: Path | None, from_feedback: object
) -> list[GoldQuestion]:
    """Return the questions of the file or of the feedback. Raises CommandError."""
    if from_feedback:
        gold = questions.rated_good(workspace)
        if not gold:
            raise CommandError("No answer with citations has been rated good yet.")
        return gold
    if path is None:
        raise CommandError("Specify a file of questions, or --feedback.")
    rows = questions.read(path.read_text("utf-8").splitlines())
    gold = [row for row in rows if row.workspace in ("", workspace.name)]
    if not gold:
        raise CommandError(f"{path} contains no questions of {workspace.name!r}.")
    return gold


def _modes(text: str) -> list[str]:
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name.removesuffix(trial.WITHOUT_KEYWORDS) not in trial.NAMES:
            raise CommandError(f"Unknown mode: {name}. Use {', '.join(trial.NAMES)}.")
    return names


def _run(
    workspace: Workspace,
    gold: Sequence[GoldQuestion],
    mode: str,
    model: ChatModel | None,
    *,
    judged: bool,
) -> list[Trial]:
    async def run() -> list[Trial]:
        questions = track(gold, mode, console=Console(stderr=True), transient=True)
        try:
            return [
                await trial.run(workspace, question, mode, model, judged=judged)
                for question in questions
            ]
        finally:
            await event_loop.close_clients()

    return async_to_sync(run)()
