"""Questions from feedback: those whose answers users rated good."""

from __future__ import annotations

from collections.abc import Iterable

from documents.models import Workspace
from retrieval.evaluation.questions import GoldQuestion
from retrieval.models import Feedback


def questions(workspace: Workspace) -> list[GoldQuestion]:
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
