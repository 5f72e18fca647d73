"""Tests of the limit on concurrent requests of one process."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from retrieval.llm.base import ChatRequest, Completion, Message
from retrieval.llm.limits.limited_calls import LimitedChat, Limiter
from retrieval.llm.testing.fake import FakeChat

HELLO = ChatRequest((Message("user", "Hello."),))


class CountingChat(FakeChat):
    """Counts concurrent requests."""

    in_flight = highest = 0

    async def complete(self, request: ChatRequest) -> Completion:
        self.in_flight += 1
        self.highest = max(self.highest, self.in_flight)
        completion = await super().complete(request)
        self.in_flight -= 1
        return completion


class BlockedChat(FakeChat):
    """Answers nothing; reports when a request has arrived."""

    def __init__(self) -> None:
        super().__init__()
        self.arrived = asyncio.Event()

    async def complete(self, request: ChatRequest) -> Completion:
        self.arrived.set()
        return await asyncio.Future()


async def test_no_more_requests_than_slots_are_made_at_once() -> None:
    chat = CountingChat(latency=0.01)
    limited = LimitedChat(chat, Limiter(3))
    await asyncio.gather(*(limited.complete(HELLO) for _ in range(12)))
    assert chat.highest == 3


async def test_a_stream_closed_early_frees_its_slot() -> None:
    chat = LimitedChat(FakeChat(["a b c", "d"]), Limiter(1))
    async with aclosing(chat.stream(HELLO)) as pieces:
        assert await anext(pieces) == "a "
    assert (await asyncio.wait_for(chat.complete(HELLO), 1)).text == "d"


async def test_a_cancelled_request_frees_its_slot() -> None:
    blocked, limiter = BlockedChat(), Limiter(1)
    request = asyncio.create_task(LimitedChat(blocked, limiter).complete(HELLO))
    await blocked.arrived.wait()
    request.cancel()
    await asyncio.wait([request])
    async with asyncio.timeout(1):
        answer = await LimitedChat(FakeChat(["free"]), limiter).complete(HELLO)
    assert answer.text == "free"
