"""How near an answer comes to the known one, by words, as SQuAD and MuSiQue count. Pure."""

from __future__ import annotations

import re
from collections import Counter

from retrieval.index import lexical

_ARTICLES = re.compile(r"\b(?:a|an|the)\b")
_MARKS = re.compile(r"\[\d+\]")


def f1(said: str, known: str) -> float:
    """The harmonic mean of the shares of words that are common to both."""
    ours, theirs = Counter(_words(said)), Counter(_words(known))
    common = (ours & theirs).total()
    return 2 * common / (ours.total() + theirs.total()) if common else 0.0


def holds(said: str, known: str) -> bool:
    """Whether the known answer stands in what was said, word for word."""
    return f" {' '.join(_words(known))} " in f" {' '.join(_words(said))} "


def _words(text: str) -> list[str]:
    """Without case, punctuation, articles and citation marks."""
    return _ARTICLES.sub(" ", lexical.segment(_MARKS.sub(" ", text))).split()
