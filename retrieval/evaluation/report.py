"""Reports of trials: a table for the terminal, and JSON lines."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict

import numpy as np
from rich.console import Console
from rich.table import Table

from retrieval.evaluation import scores
from retrieval.evaluation.scores import Estimate
from retrieval.evaluation.trial import Trial

SHOWN = 3
"""Number of questions listed for each mode that alone found all their gold."""

Trials = Mapping[str, Sequence[Trial]]


def show(console: Console, trials: Trials) -> None:
    """Print the measures by mode, then the questions that only one mode solved."""
    console.print(_table(trials))
    for mode, questions in scores.solved_by_one(trials).items():
        console.print(
            f"Only {mode} has all gold in its first 5 chunks: {len(questions)} questions"
        )
        for question in questions[:SHOWN]:
            console.print(f"  {question}", markup=False)


def _table(trials: Trials) -> Table:
    table = Table(title="Measures in %, with 95% bootstrap intervals")
    table.add_column("mode")
    measured = {mode: scores.measures(group) for mode, group in trials.items()}
    for name in next(iter(measured.values())):
        table.add_column(name, justify="right")
    for name in ("tokens", "answer tokens", "LLM calls", "search ms p50", "p95", "s"):
        table.add_column(name, justify="right")
    for mode, group in trials.items():
        table.add_row(mode, *map(_percent, measured[mode].values()), *_costs(group))
    return table


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
