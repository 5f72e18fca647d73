"""Questions that the documents do not answer, and questions that they do."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.table import Table

from documents.models import Workspace
from retrieval.search.params import Mode
from tests.benchmarks.answers import searches
from tests.benchmarks.answers.searches import Case

QUESTIONS = Path(__file__).parent / "questions"
INSIDE = ("own", "paraphrased")
MEDICAL_SAMPLE = 100


def tables(data: Path, workspaces: Mapping[str, Workspace]) -> list[Table]:
    """Return a table for each workspace, with both modes side by side."""
    musique = json.loads((data / "musique" / "questions.json").read_text("utf-8"))
    medical = json.loads((data / "medical" / "questions.json").read_text("utf-8"))
    own = {
        "musique": [_case(item["question"], item["gold"]) for item in musique],
        "medical": [
            Case(item["question"]) for item in _sample(medical, MEDICAL_SAMPLE)
        ],
    }
    outside = {
        "everyday, used to choose constants": _lines("outside_tuning.txt"),
        "everyday, general knowledge, science": _lines("outside.txt"),
        "other medicine": _lines("other_medicine.txt"),
    }
    tables = []
    for name, workspace in workspaces.items():
        (other,) = own.keys() - {name}
        inside = dict(zip(INSIDE, (own[name], _paraphrased(name)), strict=True))
        every = {**inside, **outside, f"questions about {other}": own[other]}
        tables.append(_table(f"Nothing found, {name}", workspace, every))
    return tables


def _table(
    title: str, workspace: Workspace, lists: Mapping[str, Sequence[Case]]
) -> Table:
    columns = ("questions", "mix", "naive", "recall@5 without, with (mix)")
    table = Table(*columns, title=title)
    for label, cases in lists.items():
        found = {
            mode: [searches.context(workspace, case, mode) for case in cases]
            for mode in (Mode.MIX, Mode.NAIVE)
        }
        refused = [
            f"{sum(context.is_empty for context in contexts)} of {len(cases)}"
            for contexts in found.values()
        ]
        recall = ""
        if label in INSIDE and all(case.gold for case in cases):
            before = searches.mean_recall(workspace, cases, Mode.MIX, checked=False)
            golds = zip(found[Mode.MIX], cases, strict=True)
            after = searches.percent(
                searches.recall(context, case.gold) for context, case in golds
            )
            recall = f"{before:.1f}, {after:.1f}"
        table.add_row(label, *refused, recall)
    return table


def _lines(name: str) -> list[Case]:
    return [Case(line) for line in (QUESTIONS / name).read_text("utf-8").splitlines()]


def _paraphrased(corpus: str) -> list[Case]:
    path = QUESTIONS / f"paraphrased_{corpus}.jsonl"
    if not path.exists():
        return _lines(f"paraphrased_{corpus}.txt")
    items = map(json.loads, path.read_text("utf-8").splitlines())
    return [_case(item["question"], item["gold"]) for item in items]


def _case(question: str, gold: Sequence[int]) -> Case:
    return Case(question, gold=frozenset(f"{number:04}.txt" for number in gold))


def _sample(items: Sequence[Any], number: int) -> Sequence[Any]:
    return items[:: len(items) // number][:number]
