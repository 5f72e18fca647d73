"""Retries of model calls.

Embedding and rerank calls, and a question's chat calls, are tried three times
(docs/lightrag.md C.13). Extraction calls are not: the pipeline retries them
(`documents.pipeline.chunk_retry`). After a status 429 (RateLimited), the retry waits for
the time in Retry-After, and `retrieval.llm.limits.provider_limits` sends fewer requests to
the provider.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import TypeVar

from tenacity import (
    AsyncRetrying,
    RetryCallState,
    retry_if_exception,
    stop_after_attempt,
    stop_after_delay,
    wait_exponential,
    wait_random,
)
from tenacity.stop import stop_base

from retrieval.llm.base import ChatRequest, ChatWrapper, Completion, Ending, Piece
from retrieval.llm.errors import LLMError, ProviderTimeout, RateLimited

T = TypeVar("T")
ATTEMPTS = 3
MAX_WAIT_SECONDS = 30.0
"""Upper bound on the Retry-After that is waited for; a longer one fails at once."""
_backoff = wait_exponential(multiplier=0.5, max=10) + wait_random(0, 0.5)


MAX_QUESTION_SECONDS = 8.0
"""Upper bound on the time after which a question's call is tried again."""


def _is_retryable(error: BaseException, max_wait: float = MAX_WAIT_SECONDS) -> bool:
    if not isinstance(error, LLMError) or not error.retryable or error.is_paused:
        return False
    seconds = _retry_after(error)
    return seconds is None or seconds <= max_wait


def _is_retryable_for_question(error: BaseException) -> bool:
    return _is_retryable(error, MAX_QUESTION_SECONDS)


def _is_retryable_for_chat(error: BaseException) -> bool:
    """Exclude timeouts: retries would make the user wait three times as long."""
    return _is_retryable_for_question(error) and not isinstance(error, ProviderTimeout)


def _wait(state: RetryCallState) -> float:
    """Return the provider's Retry-After, or an exponential backoff without one."""
    seconds = _retry_after(state.outcome.exception() if state.outcome else None)
    return _backoff(state) if seconds is None else seconds


def _retry_after(error: BaseException | None) -> float | None:
    return error.retry_after if isinstance(error, RateLimited) else None


async def retried(
    call: Callable[[], Awaitable[T]],
    is_retryable: Callable[[BaseException], bool] | None = None,
    *,
    is_question: bool = False,
) -> T:
    """Return the result of `call`, tried up to three times; raise its last error.

    The calls of a question are not tried again after MAX_QUESTION_SECONDS.
    """
    by_default = _is_retryable_for_question if is_question else _is_retryable
    stop: stop_base = stop_after_attempt(ATTEMPTS)
    if is_question:
        stop |= stop_after_delay(MAX_QUESTION_SECONDS)
    attempts = AsyncRetrying(
        retry=retry_if_exception(is_retryable or by_default),
        wait=_wait,
        stop=stop,
        reraise=True,
    )

    async def attempt() -> T:
        return await call()

    return await attempts(attempt)


class RetryingChat(ChatWrapper):
    """A chat model whose calls are repeated after temporary failures."""

    async def complete(self, request: ChatRequest) -> Completion:
        return await retried(
            lambda: self._model.complete(request),
            _is_retryable_for_chat,
            is_question=True,
        )

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Piece, None]:
        """Retry only until the first piece: text already sent can't be withdrawn."""
        pieces, first = await retried(
            lambda: self._first_piece(request), _is_retryable_for_chat, is_question=True
        )
        async with aclosing(pieces):
            yield first
            async for piece in pieces:
                yield piece

    async def _first_piece(
        self, request: ChatRequest
    ) -> tuple[AsyncGenerator[Piece, None], Piece]:
        pieces = self._model.stream(request)
        try:
            return pieces, await anext(pieces, Ending())
        except BaseException:
            await pieces.aclose()
            raise
