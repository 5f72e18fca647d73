"""The account: a row for each answer that was paid for, which outlives its document."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from retrieval.llm.usage.recorder import Call

# A workspace that was deleted meanwhile takes its account with it.
WRITE = """
INSERT INTO retrieval_llmcall (workspace_id, document, question, purpose, model,
    prompt_tokens, completion_tokens, seconds, created_at)
SELECT w.id, p.document, p.question, p.purpose, p.model, p.sent, p.got, p.seconds, now()
FROM unnest(%(workspaces)s::bigint[], %(documents)s::bigint[], %(questions)s::text[],
        %(purposes)s::text[], %(models)s::text[], %(sent)s::int[], %(got)s::int[],
        %(seconds)s::float8[])
    AS p (workspace, document, question, purpose, model, sent, got, seconds)
JOIN documents_workspace w ON w.id = p.workspace
"""


@dataclass(frozen=True, slots=True)
class Paid:
    """A call, and whom it was for. `purpose` is one of `LLMCall.Purpose`."""

    workspace_id: int
    purpose: str
    call: Call
    document_id: int | None = None
    question: str = ""


def write(paid: Sequence[Paid]) -> None:
    """Add these to the account. One statement, none for none."""
    if not paid:
        return
    values: dict[str, Any] = {
        "workspaces": [one.workspace_id for one in paid],
        "documents": [one.document_id for one in paid],
        "questions": [one.question for one in paid],
        "purposes": [str(one.purpose) for one in paid],
        "models": [one.call.model[:200] for one in paid],
        "sent": [one.call.prompt_tokens for one in paid],
        "got": [one.call.completion_tokens for one in paid],
        "seconds": [one.call.seconds for one in paid],
    }
    with connection.cursor() as cursor:
        cursor.execute(WRITE, values)
