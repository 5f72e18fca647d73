"""The day's token budget (UTC): once it is spent, documents wait for the next day.

What a worker has in hand it gives back with what was bought so far; calls under way are
finished, so the budget is passed by their cost. Questions go on, unless
LLM_BUDGET_STOPS_QUESTIONS.
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
    """Whether LLM_DAILY_TOKEN_BUDGET is used up. One query, none without a budget."""
    budget = settings.LIGHTRAG.ingest.daily_token_budget
    if not budget:
        return False
    spent = tokens_today()
    if spent < budget:
        return False
    logger.warning(
        "LLM_DAILY_TOKEN_BUDGET is spent (%d of %d): documents wait for tomorrow",
        spent,
        budget,
    )
    return True


def allow_question() -> None:
    """Raises BudgetSpent once it is spent."""
    if is_spent():
        raise BudgetSpent(retry_after=seconds_left())


def seconds_left() -> float:
    """Until the day is over."""
    now = datetime.now(UTC)
    midnight = (now + timedelta(days=1)).replace(hour=0, minute=0, second=0)
    return (midnight - now).total_seconds()


def tokens_today() -> int:
    """Of all workspaces and purposes."""
    with connection.cursor() as cursor:
        cursor.execute(SPENT)
        return int(cursor.fetchone()[0])
