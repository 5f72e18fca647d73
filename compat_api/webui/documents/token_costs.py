"""What documents have cost, in tokens of the language model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Sum

from documents.models import Document
from retrieval.llm.usage.models import LLMCall


@dataclass(frozen=True, slots=True)
class Spent:
    """Tokens sent and answered, and in how many calls."""

    sent: int = 0
    answered: int = 0
    calls: int = 0

    @property
    def tokens(self) -> int:
        """Both together."""
        return self.sent + self.answered


def of(documents: Sequence[Document]) -> dict[int, Spent]:
    """By the documents' keys; free ones are left out. One query."""
    calls = LLMCall.objects.filter(document__in=[d.pk for d in documents])
    rows = calls.values_list("document").annotate(
        Sum("prompt_tokens"), Sum("completion_tokens"), Count("pk")
    )
    return {row[0]: Spent(*row[1:]) for row in rows if row[0] is not None}
