"""What people think of answers: one verdict of each person on each answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from documents.models import Workspace
from retrieval.models import Feedback


@dataclass(frozen=True, slots=True)
class Judged:
    """An answer as it was when somebody judged it; chunks by their public ids.

    `references` holds `reference_id`, `file_path` and `document_id` of each file.
    """

    key: UUID
    question: str
    mode: str
    answer: str
    references: Sequence[Mapping[str, str]] = ()
    cited_chunks: Sequence[str] = ()
    read_chunks: Sequence[str] = ()


def give(
    workspace: Workspace,
    author: str,
    judged: Judged,
    verdict: Feedback.Verdict,
    comment: str = "",
) -> Feedback:
    """Keep a verdict; the same person's earlier one on this answer is replaced."""
    given, _ = Feedback.objects.update_or_create(
        workspace=workspace,
        author=author,
        answer_key=judged.key,
        defaults={
            "verdict": verdict,
            "comment": comment,
            "question": judged.question,
            "mode": judged.mode,
            "answer": judged.answer,
            "references": [dict(one) for one in judged.references],
            "cited_chunks": list(judged.cited_chunks),
            "read_chunks": list(judged.read_chunks),
        },
    )
    return given


def take_back(workspace: Workspace, author: str, key: UUID) -> None:
    """Forget a person's verdict on an answer, if there is one."""
    Feedback.objects.filter(workspace=workspace, author=author, answer_key=key).delete()
