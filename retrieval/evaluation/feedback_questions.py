"""Questions out of the chat: what people found a good answer to, with what it cited."""

from __future__ import annotations

from documents.models import Workspace
from retrieval.evaluation.questions import GoldQuestion
from retrieval.models import Feedback


def questions(workspace: Workspace) -> list[GoldQuestion]:
    """Each question with a thumb up; its gold are the passages the answer cites.

    An answer that cites none says nothing of passages and is left out. Where several
    people liked answers to one question, all that these cite is gold. One query.
    """
    gold: dict[str, set[str]] = {}
    liked = Feedback.objects.filter(workspace=workspace, verdict=Feedback.Verdict.GOOD)
    for row in liked.exclude(cited_chunks=[]).order_by("pk"):
        gold.setdefault(row.question.strip(), set()).update(row.cited_chunks)
    return [GoldQuestion(text, frozenset(chunks)) for text, chunks in gold.items()]
