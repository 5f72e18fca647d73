"""The number of language model tokens that were spent on documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Sum

from documents.models import Document
from retrieval.llm.usage.models import LLMCall


@dataclass(frozen=True, slots=True)
class TokenCost:
    """Input tokens, output tokens, and the number of calls."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    calls: int = 0

    @property
    def tokens(self) -> int:
        """Return the sum of input and output tokens."""
        return self.prompt_tokens + self.completion_tokens


def by_document(documents: Sequence[Document]) -> dict[int, TokenCost]:
    """Return costs by primary key, without documents that cost nothing.

    Runs one query.
    """
    calls = LLMCall.objects.filter(document__in=[document.pk for document in documents])
    rows = calls.values_list("document").annotate(
        Sum("prompt_tokens"), Sum("completion_tokens"), Count("pk")
    )
    return {row[0]: TokenCost(*row[1:]) for row in rows if row[0] is not None}
