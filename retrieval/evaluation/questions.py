"""Questions with the chunks that answer them: from JSON lines, or from feedback."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from documents.models import Workspace
from retrieval.models import Feedback


class BadQuestion(ValueError):
    """A line is not `{"question": "…", "gold": [document names or chunk ids]}`."""


@dataclass(frozen=True, slots=True)
class GoldQuestion:
    """A question; `gold` holds document names or chunk ids, `answer` may be empty.

    With a `workspace` the question belongs to this workspace only.
    """

    question: str
    gold: frozenset[str]
    answer: str = ""
    workspace: str = ""


def read(lines: Iterable[str]) -> list[GoldQuestion]:
    """Parse one question per line, skipping empty lines. Raises BadQuestion."""
    return [
        _question(line, number)
        for number, line in enumerate(lines, start=1)
        if line.strip()
    ]


def write(questions: Iterable[GoldQuestion]) -> str:
    """Return the questions as JSON lines, which `read` parses."""
    rows = (asdict(item) | {"gold": sorted(item.gold)} for item in questions)
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def _question(line: str, number: int) -> GoldQuestion:
    try:
        fields = json.loads(line)
        question, gold = str(fields["question"]), fields["gold"]
    except (ValueError, KeyError, TypeError) as error:
        raise BadQuestion(f"Line {number}: {BadQuestion.__doc__} ({error!r})") from None
    if not isinstance(gold, list) or not gold or not question.strip():
        raise BadQuestion(f"Line {number}: {BadQuestion.__doc__}")
    return GoldQuestion(
        question,
        frozenset(map(str, gold)),
        str(fields.get("answer") or ""),
        str(fields.get("workspace") or ""),
    )


def rated_good(workspace: Workspace) -> list[GoldQuestion]:
    """Return the questions of all feedback of a workspace. One query."""
    rows = Feedback.objects.filter(workspace=workspace).select_related("workspace")
    return from_feedback(rows.order_by("pk"))


def from_feedback(feedback: Iterable[Feedback]) -> list[GoldQuestion]:
    """Return the questions with a good answer; their gold is the chunks it cites.

    Answers without citations are left out. If several answers to one question were rated
    good, all the chunks they cite are gold.
    """
    gold: dict[tuple[str, str], set[str]] = {}
    for row in feedback:
        if row.verdict == Feedback.Verdict.GOOD and row.cited_chunks:
            key = (row.workspace.name, row.question.strip())
            gold.setdefault(key, set()).update(row.cited_chunks)
    return [
        GoldQuestion(text, frozenset(chunks), workspace=workspace)
        for (workspace, text), chunks in gold.items()
    ]
