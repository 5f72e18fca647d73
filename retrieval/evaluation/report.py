"""Trials as a table for a terminal."""

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
"""Questions listed for each mode that alone had them right."""

Trials = Mapping[str, Sequence[Trial]]


def show(console: Console, trials: Trials) -> None:
    """Measures by mode, then what each mode alone found."""
    console.print(_table(trials))
    for mode, questions in scores.alone(trials).items():
        console.print(f"{mode} alone has all gold in 5 of {len(questions)} questions")
        for question in questions[:SHOWN]:
            console.print(f"  {question}", markup=False)


def _table(trials: Trials) -> Table:
    table = Table(title="Shares of the gold in %, with 95% bootstrap intervals")
    table.add_column("mode")
    measured = {mode: scores.measures(some) for mode, some in trials.items()}
    for name in next(iter(measured.values())):
        table.add_column(name, justify="right")
    for name in ("tokens", "answer tokens", "LLM calls", "search ms p50", "p95", "s"):
        table.add_column(name, justify="right")
    for mode, some in trials.items():
        table.add_row(mode, *map(_percent, measured[mode].values()), *_costs(some))
    return table


def lines(trials: Trials) -> Iterator[str]:
    """A line of JSON for each question and mode: what was found, said and spent."""
    for mode, some in trials.items():
        for one in some:
            told = asdict(one) | {
                "mode": mode,
                "gold": sorted(one.gold),
                "recall@5": scores.recall(one, scores.ALL_GOLD_DEPTH),
                "mrr": scores.reciprocal_rank(one),
            }
            yield json.dumps(told, ensure_ascii=False)


def _percent(value: Estimate) -> str:
    return f"{value.mean:.1%} ({value.low:.0%}-{value.high:.0%})".replace("%", "")


def _costs(trials: Sequence[Trial]) -> list[str]:
    half, most = np.percentile([trial.search * 1000 for trial in trials], (50, 95))
    return [
        f"{np.mean([trial.tokens for trial in trials]):.0f}",
        f"{np.mean([trial.answer_tokens for trial in trials]):.0f}",
        f"{np.mean([trial.model_calls for trial in trials]):.1f}",
        f"{half:.0f}",
        f"{most:.0f}",
        f"{np.mean([trial.seconds for trial in trials]):.2f}",
    ]
