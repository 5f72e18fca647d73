"""Users' feedback on answers: one verdict per user and answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from documents.models import Workspace
from retrieval.models import Feedback


@dataclass(frozen=True, slots=True)
class RatedAnswer:
    """An answer as it was when it was rated; chunks by their public ids.

    `references` holds `reference_id`, `file_path` and `document_id` of each file.
    """

    key: UUID
    question: str
    mode: str
    answer: str
    references: Sequence[Mapping[str, str]] = ()
    cited_chunks: Sequence[str] = ()
    context_chunks: Sequence[str] = ()


def save(
    workspace: Workspace,
    author: str,
    rated: RatedAnswer,
    verdict: Feedback.Verdict,
    comment: str = "",
) -> Feedback:
    """Store the author's verdict; it replaces an earlier one on the same answer."""
    feedback, _ = Feedback.objects.update_or_create(
        workspace=workspace,
        author=author,
        answer_key=rated.key,
        defaults={
            "verdict": verdict,
            "comment": comment,
            "question": rated.question,
            "mode": rated.mode,
            "answer": rated.answer,
            "references": [dict(reference) for reference in rated.references],
            "cited_chunks": list(rated.cited_chunks),
            "context_chunks": list(rated.context_chunks),
        },
    )
    return feedback


def delete(workspace: Workspace, author: str, key: UUID) -> None:
    """Delete the author's verdict on an answer, if there is one."""
    Feedback.objects.filter(workspace=workspace, author=author, answer_key=key).delete()
