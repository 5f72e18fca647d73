"""Parts of error responses that all dialects share. Each dialect has its own body."""

from __future__ import annotations

import logging
import math
import uuid
from collections.abc import Mapping

from django.http import HttpResponse

from retrieval.llm import errors as llm

logger = logging.getLogger(__name__)

DATABASE_UNAVAILABLE = "The database cannot be reached. Try again later."
LLM_STATUSES: Mapping[type[llm.LLMError], int] = {
    llm.NotConfigured: 503,
    llm.Overloaded: 503,
    llm.RateLimited: 429,
    llm.ProviderTimeout: 504,
    llm.ContextTooLong: 400,
}


def llm_status(error: llm.LLMError) -> int:
    """Return the status of a failed model call: 502, or a more specific one."""
    return next(
        (status for kind, status in LLM_STATUSES.items() if isinstance(error, kind)),
        502,
    )


def add_retry_after(response: HttpResponse, error: Exception) -> None:
    """Set `Retry-After` if the error says when to retry (`retry_after`, seconds)."""
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        response["Retry-After"] = str(math.ceil(retry_after))


def log_unexpected(where: str, error: Exception) -> str:
    """Log an unexpected error in full; return a message that names only its log id."""
    error_id = uuid.uuid4().hex[:12]
    logger.error("Error %s %s", error_id, where, exc_info=error)
    return f"Internal server error (error_id: {error_id})"
