"""Reports of trials: a table for the terminal, JSON lines, and rows of a CSV file."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table

from retrieval.evaluation import scores
from retrieval.evaluation.scores import Estimate
from retrieval.evaluation.trial import Trial

SHOWN = 3
"""Number of questions listed for each mode that alone found all their gold."""

COLUMNS = (
    *("date", "label", "workspace", "model"),
    *("mode", "questions", "measure", "mean", "low", "high"),
)

Trials = Mapping[str, Sequence[Trial]]


@dataclass(frozen=True, slots=True)
class Run:
    """What the rows of one evaluation have in common; `model` wrote and judged the answers."""

    date: str
    label: str
    workspace: str
    model: str


def show(console: Console, trials: Trials) -> None:
    """Print the measures by mode, then the questions that only one mode solved."""
    console.print(_table(trials))
    if any(trial.judgement for group in trials.values() for trial in group):
        console.print(_judged_table(trials))
    for mode, questions in scores.solved_by_one(trials).items():
        console.print(
            f"Only {mode} has all gold in its first 5 chunks: {len(questions)} questions"
        )
        for question in questions[:SHOWN]:
            console.print(f"  {question}", markup=False)


def _table(trials: Trials) -> Table:
    table = Table(title="Measures in %, with 95% bootstrap intervals")
    measured = {mode: scores.measures(group) for mode, group in trials.items()}
    names = _add_columns(table, measured, judged=False)
    for name in ("tokens", "answer tokens", "LLM calls", "search ms p50", "p95", "s"):
        table.add_column(name, justify="right")
    for mode, group in trials.items():
        table.add_row(mode, *_cells(measured[mode], names), *_costs(group))
    return table


def _judged_table(trials: Trials) -> Table:
    table = Table(title="Answers as judged by the model, in %")
    measured = {mode: scores.measures(group) for mode, group in trials.items()}
    names = _add_columns(table, measured, judged=True)
    table.add_column("judged", justify="right")
    for mode, group in trials.items():
        judged = sum(trial.judgement is not None for trial in group)
        table.add_row(mode, *_cells(measured[mode], names), f"{judged} of {len(group)}")
    return table


def _add_columns(
    table: Table, measured: Mapping[str, Mapping[str, Estimate]], *, judged: bool
) -> list[str]:
    """Add a column for the mode and each measure; return the names of the measures."""
    every = dict.fromkeys(name for group in measured.values() for name in group)
    names = [name for name in every if (name in scores.JUDGED) == judged]
    table.add_column("mode")
    for name in names:
        table.add_column(name, justify="right")
    return names


def _cells(measures: Mapping[str, Estimate], names: Sequence[str]) -> list[str]:
    return [_percent(measures[name]) if name in measures else "-" for name in names]


def lines(trials: Trials) -> Iterator[str]:
    """Yield a line of JSON for each mode and question."""
    for mode, group in trials.items():
        for trial in group:
            fields = asdict(trial) | {
                "mode": mode,
                "gold": sorted(trial.gold),
                "recall@5": scores.recall(trial, scores.ALL_GOLD_DEPTH),
                "mrr": scores.reciprocal_rank(trial),
            }
            yield json.dumps(fields, ensure_ascii=False)


def save(path: Path, trials: Trials, run: Run) -> None:
    """Append a row for each mode and measure to a CSV file, with a head if it is new."""
    is_new = not path.exists()
    with path.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        if is_new:
            writer.writerow(COLUMNS)
        for mode, group in trials.items():
            for name, value in scores.measures(group).items():
                figures = (f"{bound:.4f}" for bound in astuple(value))
                writer.writerow([*astuple(run), mode, len(group), name, *figures])


def _percent(value: Estimate) -> str:
    return f"{value.mean:.1%} ({value.low:.0%}-{value.high:.0%})".replace("%", "")


def _costs(trials: Sequence[Trial]) -> list[str]:
    p50, p95 = np.percentile([trial.search * 1000 for trial in trials], (50, 95))
    return [
        f"{np.mean([trial.tokens for trial in trials]):.0f}",
        f"{np.mean([trial.answer_tokens for trial in trials]):.0f}",
        f"{np.mean([trial.model_calls for trial in trials]):.1f}",
        f"{p50:.0f}",
        f"{p95:.0f}",
        f"{np.mean([trial.seconds for trial in trials]):.2f}",
    ]
