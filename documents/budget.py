"""The day's token budget: once it is spent, no further document is begun.

Documents in hand are finished, so it is passed by what they cost; questions are
answered. The day is UTC's.
"""

from __future__ import annotations

import logging

from django.conf import settings
from django.db import connection

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


def tokens_today() -> int:
    """Of all workspaces and purposes."""
    with connection.cursor() as cursor:
        cursor.execute(SPENT)
        return int(cursor.fetchone()[0])
