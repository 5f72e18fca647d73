"""Asking again when asking again may help.

Embedding and reranking calls, and a question's chat calls, are tried three times
(docs/lightrag.md C.13). A chunk's extraction is not: whoever ingests retries and accounts for it.
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
    wait_exponential_jitter,
)

from retrieval.llm.base import ChatModel, ChatRequest, Completion, Ending, Piece
from retrieval.llm.errors import LLMError, ProviderTimeout, RateLimited

T = TypeVar("T")
ATTEMPTS = 3
LONGEST_WAIT = 30.0
"""A provider that wants to be left alone for longer is not waited for."""
_growing = wait_exponential_jitter(multiplier=0.5, max=10, jitter=0.5)


def _is_worth_it(error: BaseException) -> bool:
    if not isinstance(error, LLMError) or not error.retryable:
        return False
    asked = _asked(error)
    return asked is None or asked <= LONGEST_WAIT


def _is_momentary(error: BaseException) -> bool:
    """A chat model that was waited for in vain is not waited for three times."""
    return _is_worth_it(error) and not isinstance(error, ProviderTimeout)


def _wait(state: RetryCallState) -> float:
    """What the provider asked for, else longer each time."""
    asked = _asked(state.outcome.exception() if state.outcome else None)
    return _growing(state) if asked is None else asked


def _asked(error: BaseException | None) -> float | None:
    return error.retry_after if isinstance(error, RateLimited) else None


def _attempts(worth_it: Callable[[BaseException], bool]) -> AsyncRetrying:
    return AsyncRetrying(
        retry=retry_if_exception(worth_it),
        wait=_wait,
        stop=stop_after_attempt(ATTEMPTS),
        reraise=True,
    )


async def retried(
    call: Callable[[], Awaitable[T]],
    worth_it: Callable[[BaseException], bool] = _is_worth_it,
) -> T:
    """`call`'s result; raises its last error."""

    async def once() -> T:
        return await call()

    return await _attempts(worth_it)(once)


class RetryingChat:
    """A chat model that is asked again when it fails for a moment."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    @property
    def identity(self) -> str:
        return self._model.identity

    @property
    def calls_tools(self) -> bool:
        return self._model.calls_tools

    async def complete(self, request: ChatRequest) -> Completion:
        return await retried(lambda: self._model.complete(request), _is_momentary)

    async def stream(self, request: ChatRequest) -> AsyncGenerator[Piece, None]:
        """Asked again only until the first piece: what was read cannot be unread."""
        pieces, first = await retried(lambda: self._begun(request), _is_momentary)
        async with aclosing(pieces):
            yield first
            async for piece in pieces:
                yield piece

    async def _begun(
        self, request: ChatRequest
    ) -> tuple[AsyncGenerator[Piece, None], Piece]:
        pieces = self._model.stream(request)
        try:
            return pieces, await anext(pieces, Ending())
        except BaseException:
            await pieces.aclose()
            raise
