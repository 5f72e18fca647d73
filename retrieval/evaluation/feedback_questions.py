"""Questions from feedback: those whose answers users rated good."""

from __future__ import annotations

from documents.models import Workspace
from retrieval.evaluation.questions import GoldQuestion
from retrieval.models import Feedback


def questions(workspace: Workspace) -> list[GoldQuestion]:
    """Return the questions with a good answer; their gold is the chunks it cites.

    Answers without citations are left out. If several answers to one question were rated
    good, all the chunks they cite are gold. One query.
    """
    gold: dict[str, set[str]] = {}
    good = Feedback.objects.filter(workspace=workspace, verdict=Feedback.Verdict.GOOD)
    for row in good.exclude(cited_chunks=[]).order_by("pk"):
        gold.setdefault(row.question.strip(), set()).update(row.cited_chunks)
    return [GoldQuestion(text, frozenset(chunks)) for text, chunks in gold.items()]
