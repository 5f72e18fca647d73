"""The token budget of a day (UTC): when it is spent, documents wait for the next day.

A worker then releases its documents and keeps the results so far. Running calls are
finished, so the budget is exceeded by their cost. Questions are still answered, unless
LLM_BUDGET_STOPS_QUESTIONS is set.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import connection

from retrieval.llm.errors import BudgetSpent

SPENT = """
SELECT coalesce(sum(prompt_tokens + completion_tokens), 0) FROM retrieval_llmcall
WHERE created_at >= date_trunc('day', now() AT TIME ZONE 'UTC') AT TIME ZONE 'UTC'
"""
logger = logging.getLogger(__name__)


def is_spent() -> bool:
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
    if is_spent():
        raise BudgetSpent(retry_after=seconds_left())


def seconds_left() -> float:
    """Return the seconds until midnight UTC."""
    now = datetime.now(UTC)
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0)
    return (midnight - now).total_seconds()


def tokens_today() -> int:
    """Return the tokens of all workspaces and purposes since midnight UTC."""
    with connection.cursor() as cursor:
        cursor.execute(SPENT)
        return int(cursor.fetchone()[0])
