"""Errors of model calls.

LLMError
├── NotConfigured      no such model is configured
├── ProviderDown       the provider's own failure (5xx)
│   └── Unreachable    no connection
├── ProviderTimeout    no answer in time
├── RateLimited        429; `retry_after` in seconds, if the provider sent it
│   └── BudgetSpent    our own limit of tokens per day
├── Overloaded         too many questions wait on this server
├── BadCredentials     401 or 403
├── RequestRefused     400, 404, 413, 422: a retry does not help
│   └── ContextTooLong
├── WrongDimensions    vectors of another length than configured
└── BadAnswer          an answer that has the wrong shape
    └── EmptyAnswer    an answer without text and tool calls
"""

from __future__ import annotations

import math

from retrieval.llm.text_cleaning import redact


class LLMError(Exception):
    """The model could not answer.

    `answered_ago`: seconds since the provider's last answer to any process, `inf` if
    unknown. `is_paused`: the request was not sent, because the provider is paused.
    """

    retryable = False
    answered_ago = math.inf
    is_paused = False

    def __init__(self, message: str = "") -> None:
        super().__init__(redact(message) or self.__doc__)


class NotConfigured(LLMError):
    """No such model is configured: set LLM_BINDING, LLM_MODEL and LLM_BINDING_API_KEY."""


class ProviderDown(LLMError):
    """The model's provider cannot be reached or failed."""

    retryable = True


class Unreachable(ProviderDown):
    """The model's provider cannot be reached."""


class ProviderTimeout(LLMError):
    """The model's provider did not answer in time.

    `has_begun`: the model had begun to answer.
    """

    retryable = True

    def __init__(self, message: str = "", *, has_begun: bool = False) -> None:
        super().__init__(message)
        self.has_begun = has_begun


class Overloaded(LLMError):
    """Too many questions wait for an answer. Try again later."""

    retryable = True

    def __init__(self, retry_after: float) -> None:
        super().__init__()
        self.retry_after = retry_after


class RateLimited(LLMError):
    """The model's provider allows no more requests for now."""

    retryable = True

    def __init__(self, message: str = "", retry_after: float | None = None) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class BudgetSpent(RateLimited):
    """LLM_DAILY_TOKEN_BUDGET is spent: no model is called until midnight UTC."""

    retryable = False


class BadCredentials(LLMError):
    """The model's provider refused the API key."""


class RequestRefused(LLMError):
    """The model's provider refused the request."""


class ContextTooLong(RequestRefused):
    """The prompt is longer than the model's context."""


class WrongDimensions(LLMError):
    """The embedding model's vectors are of another length than EMBEDDING_DIM."""


class BadAnswer(LLMError):
    """The model's answer could not be parsed."""

    retryable = True


class EmptyAnswer(BadAnswer):
    """The model's answer is empty."""
