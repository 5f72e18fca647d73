"""Tests that every exception of the `openai` package is translated."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import openai
import pytest
from openai.types.chat import ChatCompletion

from retrieval.llm.clients import openai_errors
from retrieval.llm.clients.http_errors import translate_errors
from retrieval.llm.errors import (
    BadAnswer,
    BadCredentials,
    ContextTooLong,
    LLMError,
    ProviderDown,
    ProviderTimeout,
    RateLimited,
    RequestRefused,
    Unreachable,
)

REQUEST = httpx2.Request("POST", "http://127.0.0.1/")
Case = tuple[openai.OpenAIError, type[LLMError]]


def status(kind: type[openai.APIStatusError], number: int) -> openai.APIStatusError:
    answer = httpx2.Response(number, request=REQUEST)
    return kind("no", response=answer, body=None)


def in_stream(code: str) -> openai.APIError:
    return openai.APIError("no", REQUEST, body={"code": code, "type": code})


def cases() -> Iterator[Case]:
    answer = httpx2.Response(200, request=REQUEST)
    denied = httpx2.Response(401, request=REQUEST)
    half: Any = ChatCompletion.model_construct(usage=None)
    yield openai.OpenAIError(), RequestRefused
    yield in_stream("server_error"), ProviderDown
    yield in_stream("rate_limit_exceeded"), RateLimited
    yield in_stream("context_length_exceeded"), ContextTooLong
    yield in_stream("invalid_request_error"), RequestRefused
    yield openai.APIConnectionError(request=REQUEST), Unreachable
    yield openai.APITimeoutError(REQUEST), ProviderTimeout
    yield openai.APIResponseValidationError(answer, None), BadAnswer
    yield openai.OAuthError(response=denied, body=None), BadCredentials
    yield openai.LengthFinishReasonError(completion=half), BadAnswer
    yield openai.ContentFilterFinishReasonError(), RequestRefused
    yield openai.WebSocketConnectionClosedError("", unsent_messages=[]), ProviderDown
    yield openai.WebSocketQueueFullError(), ProviderDown
    yield status(openai.APIStatusError, 418), RequestRefused
    yield status(openai.BadRequestError, 400), RequestRefused
    yield status(openai.AuthenticationError, 401), BadCredentials
    yield status(openai.PermissionDeniedError, 403), BadCredentials
    yield status(openai.NotFoundError, 404), RequestRefused
    yield status(openai.ConflictError, 409), ProviderDown
    yield status(openai.UnprocessableEntityError, 422), RequestRefused
    yield status(openai.RateLimitError, 429), RateLimited
    yield status(openai.InternalServerError, 500), ProviderDown
    yield status(openai.InternalServerError, 504), ProviderTimeout


@pytest.mark.parametrize(("error", "ours"), list(cases()))
def test_an_exception_becomes_ours_with_a_message(
    error: openai.OpenAIError, ours: type[LLMError]
) -> None:
    with (
        pytest.raises(LLMError, match=r"^gpt: .*\w") as caught,
        translate_errors("gpt", openai_errors.ERROR_RULES),
    ):
        raise error
    assert type(caught.value) is ours
    assert caught.value.__cause__ is error


def test_every_public_exception_of_the_package_is_among_the_cases() -> None:
    named = [name for name in openai.__all__ if name.endswith("Error")]
    public = {getattr(openai, name) for name in named}
    public.remove(openai.InvalidWebhookSignatureError)  # a ValueError of webhooks
    assert public == {type(error) for error, _ in cases()}
