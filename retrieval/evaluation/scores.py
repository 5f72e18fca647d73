"""Measures of rankings and answers, with bootstrap intervals."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.evaluation.trial import Trial
from retrieval.index import lexical

DEPTHS = (2, 5, 10)
ALL_GOLD_DEPTH = 5
RESAMPLES = 2000
JUDGED = ("faithfulness", "relevance", "context precision")
"""Measures by the judge."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean and the bounds of its 95% bootstrap interval."""

    mean: float
    low: float
    high: float


def recall(trial: Trial, depth: int) -> float:
    """Return the share of the gold found by the first `depth` chunks."""
    return len(found_gold(trial, depth)) / len(trial.gold)


def found_gold(trial: Trial, depth: int) -> frozenset[str]:
    """Return the gold chunks and documents of the first `depth` chunks."""
    return trial.gold & {key for keys in trial.ranking[:depth] for key in keys}


def has_all(trial: Trial, depth: int = ALL_GOLD_DEPTH) -> bool:
    """Return True if the first `depth` chunks have all the gold."""
    return found_gold(trial, depth) == trial.gold


def reciprocal_rank(trial: Trial) -> float:
    """Return 1 / rank of the first gold chunk; 0 if there is none."""
    ranks = (
        rank
        for rank, keys in enumerate(trial.ranking, start=1)
        if trial.gold.intersection(keys)
    )
    return 1 / next(ranks, float("inf"))


def measures(trials: Sequence[Trial]) -> dict[str, Estimate]:
    """Return all measures of one mode by name.

    Measures of answers are included if there are answers with known ones, and those of
    the judge if there are judgements.
    """
    by_name: dict[str, list[float]] = {
        f"recall@{depth}": [recall(trial, depth) for trial in trials]
        for depth in DEPTHS
    }
    by_name[f"all-gold@{ALL_GOLD_DEPTH}"] = [float(has_all(trial)) for trial in trials]
    by_name["mrr"] = [reciprocal_rank(trial) for trial in trials]
    answered = [trial for trial in trials if trial.answer and trial.expected]
    if answered:
        by_name["answer f1"] = [f1(trial.answer, trial.expected) for trial in answered]
        by_name["answer contains"] = [
            float(contains(trial.answer, trial.expected)) for trial in answered
        ]
    by_name |= _judged(trials)
    return {name: estimate(values) for name, values in by_name.items() if values}


def _judged(trials: Sequence[Trial]) -> dict[str, list[float]]:
    judgements = [trial.judgement for trial in trials if trial.judgement]
    return {
        "faithfulness": [
            judgement.faithfulness
            for judgement in judgements
            if judgement.faithfulness is not None
        ],
        "relevance": [judgement.relevance for judgement in judgements],
        "context precision": [judgement.context_precision for judgement in judgements],
    }


def estimate(values: Sequence[float]) -> Estimate:
    """Return the mean and its bootstrap interval; deterministic."""
    array = np.asarray(values, np.float64)
    generator = np.random.default_rng(0)
    picks = generator.integers(0, len(array), (RESAMPLES, len(array)))
    low, high = np.percentile(array[picks].mean(axis=1), (2.5, 97.5))
    return Estimate(float(array.mean()), float(low), float(high))


def solved_by_one(trials: Mapping[str, Sequence[Trial]]) -> dict[str, list[str]]:
    """Return, by mode, the questions for which only this mode found all the gold."""
    solved = {
        mode: {trial.question for trial in group if has_all(trial)}
        for mode, group in trials.items()
    }
    return {
        mode: sorted(
            questions.difference(*(other for m, other in solved.items() if m != mode))
        )
        for mode, questions in solved.items()
    }


_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_MARKS = re.compile(r"\[\d+\]")


def f1(answer: str, expected: str) -> float:
    """Return the F1 score of the answer's words."""
    answered, expected_words = Counter(_words(answer)), Counter(_words(expected))
    common = (answered & expected_words).total()
    return 2 * common / (answered.total() + expected_words.total()) if common else 0.0


def contains(answer: str, expected: str) -> bool:
    """Return True if the answer contains the expected answer word for word."""
    return f" {' '.join(_words(expected))} " in f" {' '.join(_words(answer))} "


def _words(text: str) -> list[str]:
    """Split into words, without case, punctuation, articles and citation marks."""
    return _ARTICLES.sub(" ", lexical.segment(_MARKS.sub(" ", text))).split()
