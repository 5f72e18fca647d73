"""Retry a model call during ingestion, within a budget.

A document should fail only for a reason that a user must correct. An answer that cannot
be parsed is caused by the request, so a few attempts are enough. If the provider is
down, slow or overloaded, the call is retried until PROVIDER_RETRY_TIMEOUT. If the
provider answers other requests meanwhile, the request may be the cause. Its failures
then count, but only as a fraction of an attempt, because a working provider may still
fail every third call. If there is no other request, a small probe is sent. A model that
timed out three times after it had begun to answer is too slow for LLM_TIMEOUT.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from django.conf import settings
from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    wait_random_exponential,
)

from retrieval.llm.errors import (
    BadAnswer,
    LLMError,
    ProviderDown,
    ProviderTimeout,
    RateLimited,
    Unreachable,
)

T = TypeVar("T")
Probe = Callable[[], Awaitable[object]]
MAX_BACKOFF_SECONDS = 60.0
FAILURES_PER_ATTEMPT = 4
"""Failures that count as one attempt while the provider answers other requests.

If every third call fails, 5 attempts fail for one request in 3 * 10^9.
"""
FAILURES_BEFORE_PROBE = 3
"""Failures of a request after which a small one is sent, if no other was answered."""
TIMEOUTS_OF_A_RUNNING_MODEL = 3
"""Timeouts of a request after the model had begun to answer that use up its attempts."""
logger = logging.getLogger(__name__)


async def retry_within_budget(
    call: Callable[[], Awaitable[T]],
    probe: Probe | None = None,
    *,
    timeout_setting: str = "LLM_TIMEOUT",
) -> T:
    """Return the result of `call`, or raise its last error (`retrieval.llm.errors`).

    Give up after CHUNK_ATTEMPTS attempts or PROVIDER_RETRY_TIMEOUT seconds. `probe` sends
    a small request; if the provider answers it, the failing request may be the cause.
    The error after too many timeouts advises to raise `timeout_setting`.
    """
    budget = RetryBudget()

    async def once() -> T:
        try:
            return await call()
        except LLMError as error:
            if probe and budget.needs_probe(error):
                with suppress(LLMError):
                    await probe()
            raise

    retrying = AsyncRetrying(
        retry=retry_if_exception(is_retryable),
        stop=budget.is_used_up,
        wait=backoff,
        before_sleep=log_retry,
        reraise=True,
    )
    try:
        return await retrying(once)
    except ProviderTimeout as error:
        raise timeout_with_advice(error, budget.failures, timeout_setting) from error


def timeout_with_advice(
    error: ProviderTimeout, failures: int, setting: str
) -> ProviderTimeout:
    """Return the error of a request that was given up, with what to change."""
    config = settings.LIGHTRAG
    vision = setting.startswith("VLM_")
    seconds = (config.vlm_llm if vision else config.extract_llm).timeout
    lower = "VLM_MAX_ASYNC_LLM" if vision else "MAX_ASYNC_LLM or CHUNK_SIZE"
    advice = (
        f"It failed {failures} times. Set {setting} to more than {seconds:.0f} s, "
        f"{lower} to less, or use a faster model."
    )
    return ProviderTimeout(f"{error} {advice}", has_begun=error.has_begun)


def log_retry(state: RetryCallState) -> None:
    """Log the first failure and then every tenth, because an outage can be long."""
    if state.attempt_number % 10 == 1:
        error = state.outcome.exception() if state.outcome else None
        logger.warning(
            "Model call failed; retrying in %.0f s: %s", state.upcoming_sleep, error
        )


def is_retryable(error: BaseException) -> bool:
    return isinstance(error, LLMError) and error.retryable


@dataclass(slots=True)
class RetryBudget:
    """The attempts and the time that one request has used."""

    attempts: float = 0.0
    failures: int = 0
    started: float = field(default_factory=time.monotonic)
    last_failure: float = field(default_factory=time.monotonic)

    def needs_probe(self, error: LLMError) -> bool:
        """Return whether the request failed repeatedly while no other was answered."""
        cause = getattr(error, "cause", error)
        concerns_provider = isinstance(cause, ProviderDown | ProviderTimeout)
        others_are_answered = error.answered_ago < time.monotonic() - self.last_failure
        return (
            concerns_provider
            and not isinstance(cause, Unreachable)
            and not others_are_answered
            and self.failures >= FAILURES_BEFORE_PROBE - 1
        )

    def is_used_up(self, state: RetryCallState) -> bool:
        """Record a failure; return whether no further attempt is allowed."""
        error = state.outcome.exception() if state.outcome else None
        now = time.monotonic()
        self.failures += 1
        self.attempts += weight(error, now - self.last_failure)
        self.last_failure = now
        ingest = settings.LIGHTRAG.ingest
        too_long = now - self.started > ingest.provider_retry_timeout
        return too_long or self.attempts >= ingest.chunk_attempts


def weight(error: BaseException | None, seconds: float) -> float:
    """Return the fraction of an attempt that a failure counts as.

    `seconds` is the time since the request's previous failure.
    """
    cause = getattr(error, "cause", error)  # ExtractionInterrupted wraps its cause
    if isinstance(cause, BadAnswer):
        return 1.0
    if isinstance(cause, ProviderTimeout) and cause.has_begun:
        return settings.LIGHTRAG.ingest.chunk_attempts / TIMEOUTS_OF_A_RUNNING_MODEL
    others_are_answered = isinstance(cause, LLMError) and cause.answered_ago < seconds
    if isinstance(cause, RateLimited) or not others_are_answered:
        return 0.0
    return 1.0 if isinstance(cause, ProviderTimeout) else 1 / FAILURES_PER_ATTEMPT


def backoff(state: RetryCallState) -> float:
    """Return the seconds to wait: Retry-After if given, else a growing random time."""
    error = state.outcome.exception() if state.outcome else None
    retry_after = getattr(error, "retry_after", None)
    if retry_after is not None:
        return min(float(retry_after), MAX_BACKOFF_SECONDS)
    wait = wait_random_exponential(
        multiplier=settings.LIGHTRAG.ingest.chunk_backoff, max=MAX_BACKOFF_SECONDS
    )
    return wait(state)
