"""Recall of follow-up questions: the longest name of a question is replaced by "it"."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from rich.table import Table

from documents.models import Workspace
from retrieval.search.params import Mode
from tests.benchmarks.answers import composed, searches
from tests.benchmarks.answers.searches import Case

COMPOSED = 100
TURNS = (
    "Tell me about {name}.",
    "What do you know about {name}?",
    "I have a question about {name}.",
    "{name}",
)
"""Earlier messages that have the full name."""


@dataclass(frozen=True, slots=True)
class Conversation:
    """A question, its longest name, and another fact of the name if one is known."""

    case: Case
    name: str
    other_fact: str = ""

    def follow_up(self, *earlier: str) -> Case:
        """Return the question with "it" for the name, after these messages."""
        pattern = re.compile(re.escape(self.name), re.IGNORECASE)
        question = pattern.sub("it", self.case.question)
        return replace(self.case, question=question, earlier=earlier)


def tables(data: Path, workspace: Workspace) -> list[Table]:
    passages = json.loads((data / "passages.json").read_text("utf-8"))
    shared = json.loads((data / "questions.json").read_text("utf-8"))
    groups = {
        "MuSiQue": _of_shared(shared, passages),
        "composed": _of_composed(composed.questions(passages, COMPOSED)),
    }
    return [
        _table(f"Follow-ups, mode {mode.value}, recall@5", groups, workspace, mode)
        for mode in (Mode.MIX, Mode.NAIVE)
    ]


def _of_shared(
    questions: Sequence[dict[str, Any]], passages: Sequence[dict[str, Any]]
) -> list[Conversation]:
    conversations = []
    for item in questions:
        case = Case(item["question"], gold=documents(item["gold"]))
        names = {
            name
            for number in item["gold"]
            for triple in passages[number]["triples"]
            for name in (*triple, *passages[number]["entities"])
            if name[:1].isupper()
        }
        in_question = [name for name in names if f" {name}" in case.question]
        if in_question:
            name = max(in_question, key=lambda name: (len(name), name))
            conversations.append(Conversation(case, name))
    return conversations


def _of_composed(questions: Sequence[composed.Composed]) -> list[Conversation]:
    return [
        Conversation(
            Case(item.question, gold=documents(item.paragraphs)),
            item.name,
            item.other_fact,
        )
        for item in questions
    ]


def documents(numbers: Sequence[int]) -> frozenset[str]:
    return frozenset(f"{number:04}.txt" for number in numbers)


def _table(
    title: str,
    groups: dict[str, list[Conversation]],
    workspace: Workspace,
    mode: Mode,
) -> Table:
    table = Table("searched", *groups, title=title)
    for label, case_of in _rows().items():
        cells = []
        for group in groups.values():
            others = [*group[1:], group[0]]
            cases = list(filter(None, map(case_of, group, others)))
            recall = searches.mean_recall(workspace, cases, mode) if cases else 0.0
            cells.append(f"{recall:.1f} ({len(cases)})" if cases else "")
        table.add_row(label, *cells)
    return table


CaseOf = Callable[[Conversation, Conversation], Case | None]


def _rows() -> dict[str, CaseOf]:
    """Return, by the label of a row, what is asked of a name and of another one."""
    rows: dict[str, CaseOf] = {
        "the whole question": lambda item, _: item.case,
        "the follow-up alone": lambda item, _: item.follow_up(),
    }
    for turn in TURNS:
        rows[f'after "{turn.format(name="…")}"'] = partial(_after_turn, turn)
    rows["after a question about the name"] = _after_fact
    rows["after another subject and the name"] = lambda item, other: item.follow_up(
        TURNS[0].format(name=other.name), TURNS[0].format(name=item.name)
    )
    rows["a new subject after another question"] = lambda item, other: replace(
        item.case, earlier=(other.case.question,)
    )
    return rows


def _after_turn(turn: str, item: Conversation, _: Conversation) -> Case:
    return item.follow_up(turn.format(name=item.name))


def _after_fact(item: Conversation, _: Conversation) -> Case | None:
    if not item.other_fact:
        return None
    return item.follow_up(f"Is it right that {item.name} {item.other_fact}?")
