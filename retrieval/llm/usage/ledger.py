"""Model calls: collected for each task, stored as `LLMCall` rows, and limited by a budget.

The rows are kept after their documents are deleted. The budget is for one day (UTC). When
it is spent, a worker releases its documents until the next day and keeps the results so
far. Running calls are finished, so the budget is exceeded by their cost. Questions are
still answered, unless LLM_BUDGET_STOPS_QUESTIONS is set.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection

from retrieval.llm.errors import BudgetSpent

_calls: ContextVar[list[Call] | None] = ContextVar("model_calls", default=None)
_workspace: ContextVar[int] = ContextVar("workspace", default=0)

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


TOKENS_TODAY = """
SELECT coalesce(sum(prompt_tokens + completion_tokens), 0) FROM retrieval_llmcall
WHERE created_at >= date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
"""
logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Call:
    """One answered model call.

    Token counts are the provider's, or estimates if it reports none. `seconds` is the
    duration of the request, without the time spent waiting for a slot.
    """

    model: str
    prompt_tokens: int
    completion_tokens: int = 0
    seconds: float = 0.0


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


@contextmanager
def collect_calls(workspace_id: int, calls: list[Call]) -> Iterator[None]:
    """Append the model calls of this task to `calls`; assign them to the workspace."""
    token = _calls.set(calls)
    set_workspace(workspace_id)
    try:
        yield
    finally:
        _calls.reset(token)


def set_workspace(workspace_id: int) -> None:
    """Set the workspace of this task's model calls."""
    _workspace.set(workspace_id)


def current_workspace() -> int:
    """Return the id of the workspace of model calls; 0 if it was not set."""
    return _workspace.get()


def record(call: Call) -> None:
    """Append a call to the list of the current task, if there is one."""
    calls = _calls.get()
    if calls is not None:
        calls.append(call)


def budget_is_spent() -> bool:
    """Return True if LLM_DAILY_TOKEN_BUDGET is spent; without a budget, no query is made."""
    budget = settings.LIGHTRAG.ingest.daily_token_budget
    if not budget:
        return False
    tokens = tokens_today()
    if tokens < budget:
        return False
    logger.warning(
        "LLM_DAILY_TOKEN_BUDGET is spent (%d of %d): documents wait until midnight UTC",
        tokens,
        budget,
    )
    return True


def allow_question() -> None:
    """Raise BudgetSpent if the budget is spent."""
    if budget_is_spent():
        raise BudgetSpent(retry_after=seconds_until_midnight())


def seconds_until_midnight() -> float:
    """Return the seconds until midnight UTC."""
    now = datetime.now(UTC)
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0)
    return (midnight - now).total_seconds()


def tokens_today() -> int:
    """Return the tokens of all workspaces and purposes since midnight UTC."""
    with connection.cursor() as cursor:
        cursor.execute(TOKENS_TODAY)
        return int(cursor.fetchone()[0])
