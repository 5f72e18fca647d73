"""Answers without a language model: how many quote the expected answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from rich.table import Table

from documents.models import Workspace
from retrieval.evaluation import scores
from retrieval.index import lexical
from retrieval.llm.base import Embedder
from retrieval.search.params import Mode
from retrieval.search.stop_words import STOP_WORDS
from tests.benchmarks.answers import composed, searches
from tests.benchmarks.answers.searches import Case

COMPOSED = 200
MEDICAL_STEP = 10
"""Every tenth medical question is asked."""

Measure = Callable[[str, Case], float]


def table(data: Path, workspaces: Mapping[str, Workspace], embedder: Embedder) -> Table:
    columns = (
        "questions",
        "mode",
        "hits",
        "first five chunks",
        "characters",
        "quotations",
    )
    table = Table(*columns, title="Answers without a language model")
    for corpus, label, measure, cases in _groups(data):
        for mode in (Mode.MIX, Mode.NAIVE):
            row = _row(workspaces[corpus], mode, measure, cases, embedder)
            table.add_row(label, mode.value, *row)
    return table


def _groups(data: Path) -> list[tuple[str, str, Measure, list[Case]]]:
    passages = json.loads((data / "musique" / "passages.json").read_text("utf-8"))
    musique = json.loads((data / "musique" / "questions.json").read_text("utf-8"))
    medical = json.loads((data / "medical" / "questions.json").read_text("utf-8"))
    made = composed.questions(passages, COMPOSED)
    return [
        ("musique", "MuSiQue", _contains, list(map(_case, musique))),
        (
            "musique",
            "composed",
            _contains,
            [Case(item.question, answer=item.answer) for item in made],
        ),
        ("medical", "medical", new_words, list(map(_case, medical[::MEDICAL_STEP]))),
    ]


def _row(
    workspace: Workspace,
    mode: Mode,
    measure: Measure,
    cases: Sequence[Case],
    embedder: Embedder,
) -> list[str]:
    hits, held, lengths, quotations = [], [], [], []
    for case in cases:
        found, text = searches.quotations(workspace, case, mode, embedder)
        first = "\n".join(chunk.content for chunk in found.chunks[:5])
        hits.append(measure(text, case))
        held.append(measure(first, case))
        lengths.append(len(text))
        quotations.append(text.count("\n>\n> — "))
    return [
        f"{100 * np.mean(hits):.0f} %",
        f"{100 * np.mean(held):.0f} %",
        f"{np.mean(lengths):.0f}",
        f"{np.mean(quotations):.1f}",
    ]


def _contains(text: str, case: Case) -> float:
    return float(scores.contains(text, case.answer))


def new_words(text: str, case: Case) -> float:
    """Return the share of the answer's words, without the question's, in the text."""
    words = set(lexical.segment(case.answer).split()) - STOP_WORDS
    words -= set(lexical.segment(case.question).split())
    return len(words & set(lexical.segment(text).split())) / max(len(words), 1)


def _case(item: Mapping[str, str]) -> Case:
    return Case(item["question"], answer=item["answer"])
