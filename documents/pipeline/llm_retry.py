"""How long ingestion goes on asking a model, so that documents fail for what a person
must mend, and for nothing that passes.

An answer that cannot be read is the request's own fault: some tries are enough. A
provider that is down, slow or refuses for now is waited for, by all its requests alike.
Where others are answered meanwhile it may be the request after all: then its failures
count, but little, for a provider may fail every third call and be well otherwise.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

from django.conf import settings
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    wait_random_exponential,
)

from retrieval.llm.errors import BadAnswer, LLMError, ProviderTimeout, RateLimited

T = TypeVar("T")
MAX_BACKOFF = 60.0
LUCK = 4
"""So many failures of a provider that answers others count as one try. With 5 tries and
every third call failing, one request in three thousand million has no luck."""
logger = logging.getLogger(__name__)


async def outlast(call: Callable[[], Awaitable[T]]) -> T:
    """`call`'s result; raises its last error (`retrieval.llm.errors`).

    It ends after CHUNK_ATTEMPTS tries that count, or PROVIDER_RETRY_TIMEOUT seconds.
    """

    async def once() -> T:
        return await call()

    retrying = AsyncRetrying(
        retry=retry_if_exception(is_retryable),
        stop=Patience().is_over,
        wait=backoff,
        before_sleep=tell,
        reraise=True,
    )
    return await retrying(once)


def tell(state: RetryCallState) -> None:
    """Of the first failure, and then of each tenth: an outage is long."""
    if state.attempt_number % 10 == 1:
        error = state.outcome.exception() if state.outcome else None
        logger.warning(
            "A model is asked again in %.0f s: %s", state.upcoming_sleep, error
        )


def is_retryable(error: BaseException) -> bool:
    return isinstance(error, LLMError) and error.retryable


@dataclass(slots=True)
class Patience:
    """What one request has met so far."""

    tries: float = 0.0
    begun: float = field(default_factory=time.monotonic)
    failed: float = field(default_factory=time.monotonic)

    def is_over(self, state: RetryCallState) -> bool:
        """Whether the failure that was just met is the last one borne."""
        error = state.outcome.exception() if state.outcome else None
        now = time.monotonic()
        self.tries += weight(error, now - self.failed)
        self.failed = now
        ingest = settings.LIGHTRAG.ingest
        too_long = now - self.begun > ingest.provider_retry_timeout
        return too_long or self.tries >= ingest.chunk_attempts


def weight(error: BaseException | None, seconds: float) -> float:
    """How much of a try a failure is, so many seconds after the one before it."""
    cause = getattr(error, "cause", error)  # a later round's (ExtractionInterrupted)
    if isinstance(cause, BadAnswer):
        return 1.0
    others_are_answered = isinstance(cause, LLMError) and cause.answered_ago < seconds
    if isinstance(cause, RateLimited) or not others_are_answered:
        return 0.0
    return 1.0 if isinstance(cause, ProviderTimeout) else 1 / LUCK


def backoff(state: RetryCallState) -> float:
    """Seconds to wait: what the provider asked for, else a growing random time."""
    error = state.outcome.exception() if state.outcome else None
    asked = getattr(error, "retry_after", None)
    if asked is not None:
        return min(float(asked), MAX_BACKOFF)
    wait = wait_random_exponential(
        multiplier=settings.LIGHTRAG.ingest.chunk_backoff, max=MAX_BACKOFF
    )
    return wait(state)
