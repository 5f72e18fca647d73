"""Tests of retries of a question's model."""

from __future__ import annotations

from contextlib import aclosing

import pytest

from retrieval.llm.base import ChatRequest, Message
from retrieval.llm.calls.retrying import RetryingChat
from retrieval.llm.errors import BadCredentials, LLMError, ProviderTimeout, RateLimited
from retrieval.llm.testing.fake import FakeChat

HELLO = ChatRequest((Message("user", "Hello."),))
SOON = RateLimited("slow down", retry_after=0.001)


async def read(chat: RetryingChat) -> str:
    async with aclosing(chat.stream(HELLO)) as pieces:
        return "".join([piece async for piece in pieces if isinstance(piece, str)])


async def test_two_failures_are_retried() -> None:
    fake = FakeChat(["Hi you."] * 2, failures=2, error=SOON)
    assert (await RetryingChat(fake).complete(HELLO)).text == "Hi you."
    assert fake.calls == 3


async def test_a_stream_that_fails_before_its_first_piece_is_retried() -> None:
    fake = FakeChat(["Hi you."], failures=2, error=SOON)
    assert await read(RetryingChat(fake)) == "Hi you."


@pytest.mark.parametrize(
    ("error", "times"),
    [
        (SOON, 3),
        (BadCredentials("no such key"), 1),
        (ProviderTimeout("no answer"), 1),
        (RateLimited("come tomorrow", retry_after=86400), 1),
    ],
)
async def test_the_last_error_is_raised(error: LLMError, times: int) -> None:
    fake = FakeChat(failures=9, error=error)
    with pytest.raises(type(error), match=str(error)):
        await RetryingChat(fake).complete(HELLO)
    assert fake.calls == times


def test_a_wrapper_has_the_identity_of_its_model() -> None:
    assert RetryingChat(FakeChat(identity="fake:m")).identity == "fake:m"
