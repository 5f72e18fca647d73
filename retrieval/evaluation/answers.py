"""Compare an answer with the expected one by words, as SQuAD and MuSiQue do. Pure."""

from __future__ import annotations

import re
from collections import Counter

from retrieval.index import lexical

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_MARKS = re.compile(r"\[\d+\]")


def f1(answer: str, expected: str) -> float:
    """Return the F1 score of the answer's words."""
    given, wanted = Counter(_words(answer)), Counter(_words(expected))
    common = (given & wanted).total()
    return 2 * common / (given.total() + wanted.total()) if common else 0.0


def contains(answer: str, expected: str) -> bool:
    """Return True if the answer contains the expected answer word for word."""
    return f" {' '.join(_words(expected))} " in f" {' '.join(_words(answer))} "


def _words(text: str) -> list[str]:
    """Split into words, without case, punctuation, articles and citation marks."""
    return _ARTICLES.sub(" ", lexical.segment(_MARKS.sub(" ", text))).split()
