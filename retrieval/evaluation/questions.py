"""Questions with the passages that answer them, as people write them down."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass


class BadQuestion(ValueError):
    """A line of the questions is not `{"question": …, "gold": [names or chunk ids]}`."""


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """`gold` holds document names or chunk ids; `answer` is empty where unknown."""

    question: str
    gold: frozenset[str]
    answer: str = ""


def read(lines: Iterable[str]) -> list[GoldQuestion]:
    """One question a line; empty lines are skipped. Raises BadQuestion."""
    return [
        _question(line, number)
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]


def _question(line: str, number: int) -> GoldQuestion:
    try:
        said = json.loads(line)
        question, gold = str(said["question"]), said["gold"]
    except (ValueError, KeyError, TypeError) as error:
        raise BadQuestion(f"Line {number}: {BadQuestion.__doc__} ({error!r})") from None
    if not isinstance(gold, list) or not gold or not question.strip():
        raise BadQuestion(f"Line {number}: {BadQuestion.__doc__}")
    return GoldQuestion(question, frozenset(map(str, gold)), said.get("answer") or "")
