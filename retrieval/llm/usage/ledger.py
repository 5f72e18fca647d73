"""Storage of paid model calls (`LLMCall`), which are kept after their documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from retrieval.llm.usage.recorder import Call

# The join skips calls of a workspace that was deleted in the meantime.
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
class LedgerEntry:
    """A call and what it was made for. `purpose` is one of `LLMCall.Purpose`."""

    workspace_id: int
    purpose: str
    call: Call
    document_id: int | None = None
    question: str = ""


def write(entries: Sequence[LedgerEntry]) -> None:
    """Store the entries in one statement."""
    if not entries:
        return
    values: dict[str, Any] = {
        "workspaces": [entry.workspace_id for entry in entries],
        "documents": [entry.document_id for entry in entries],
        "questions": [entry.question for entry in entries],
        "purposes": [str(entry.purpose) for entry in entries],
        "models": [entry.call.model[:200] for entry in entries],
        "sent": [entry.call.prompt_tokens for entry in entries],
        "got": [entry.call.completion_tokens for entry in entries],
        "seconds": [entry.call.seconds for entry in entries],
    }
    with connection.cursor() as cursor:
        cursor.execute(WRITE, values)
