"""How good a ranking is, and how sure one can be of it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.evaluation import answers
from retrieval.evaluation.trial import Trial

DEPTHS = (2, 5, 10)
ALL_GOLD_DEPTH = 5
RESAMPLES = 2000


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean, and the bounds that 95% of the resampled means lie within."""

    mean: float
    low: float
    high: float


def recall(trial: Trial, depth: int) -> float:
    """The share of the gold among the first `depth` passages."""
    return len(found(trial, depth)) / len(trial.gold)


def found(trial: Trial, depth: int) -> frozenset[str]:
    """The gold that a passage of the first `depth` is or comes from."""
    return trial.gold & {key for keys in trial.ranking[:depth] for key in keys}


def has_all(trial: Trial, depth: int = ALL_GOLD_DEPTH) -> bool:
    return found(trial, depth) == trial.gold


def reciprocal_rank(trial: Trial) -> float:
    """1 / the place of the first gold passage; 0 where there is none."""
    places = (
        place
        for place, keys in enumerate(trial.ranking, start=1)
        if trial.gold.intersection(keys)
    )
    return 1 / next(places, float("inf"))


def measures(trials: Sequence[Trial]) -> dict[str, Estimate]:
    """Every measure by its name, over the questions of one mode.

    Those of answers only where there are any.
    """
    by_name: dict[str, list[float]] = {
        f"recall@{depth}": [recall(trial, depth) for trial in trials]
        for depth in DEPTHS
    }
    by_name[f"all-gold@{ALL_GOLD_DEPTH}"] = [float(has_all(one)) for one in trials]
    by_name["mrr"] = [reciprocal_rank(trial) for trial in trials]
    answered = [one for one in trials if one.answer]
    if answered:
        by_name["answer f1"] = [
            answers.f1(one.answer, one.expected) for one in answered
        ]
        by_name["answer holds"] = [
            float(answers.holds(one.answer, one.expected)) for one in answered
        ]
    return {name: estimate(values) for name, values in by_name.items()}


def estimate(values: Sequence[float]) -> Estimate:
    """The mean and its bootstrap interval; the same for the same values."""
    known = np.asarray(values, np.float64)
    chance = np.random.default_rng(0)
    picks = chance.integers(0, len(known), (RESAMPLES, len(known)))
    low, high = np.percentile(known[picks].mean(axis=1), (2.5, 97.5))
    return Estimate(float(known.mean()), float(low), float(high))


def alone(trials: Mapping[str, Sequence[Trial]]) -> dict[str, list[str]]:
    """The questions whose gold only this mode had complete."""
    rights = {
        mode: {trial.question for trial in some if has_all(trial)}
        for mode, some in trials.items()
    }
    return {
        mode: sorted(right.difference(*(r for m, r in rights.items() if m != mode)))
        for mode, right in rights.items()
    }
