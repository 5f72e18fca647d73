"""How many requests are made at once."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from retrieval.llm.base import ChatRequest, Completion, Message
from retrieval.llm.limits.limiter import LimitedChat, Limiter
from retrieval.llm.testing.fake import FakeChat

HELLO = ChatRequest((Message("user", "Hello."),))


class Crowd(FakeChat):
    """Notes how many are inside at once."""

    inside = most = 0

    async def complete(self, request: ChatRequest) -> Completion:
        self.inside += 1
        self.most = max(self.most, self.inside)
        completion = await super().complete(request)
        self.inside -= 1
        return completion


async def test_no_more_requests_than_slots_are_made_at_once() -> None:
    crowd = Crowd(latency=0.01)
    chat = LimitedChat(crowd, Limiter(3))
    await asyncio.gather(*(chat.complete(HELLO) for _ in range(12)))
    assert crowd.most == 3


async def test_a_stream_closed_early_frees_its_slot() -> None:
    chat = LimitedChat(FakeChat(["a b c", "d"]), Limiter(1))
    async with aclosing(chat.stream(HELLO)) as pieces:
        assert await anext(pieces) == "a "
    assert (await asyncio.wait_for(chat.complete(HELLO), 1)).text == "d"


async def test_a_cancelled_request_frees_its_slot() -> None:
    chat = LimitedChat(FakeChat(latency=5), Limiter(1))
    waiting = asyncio.create_task(chat.complete(HELLO))
    await asyncio.sleep(0.01)
    waiting.cancel()
    await asyncio.wait([waiting])
    another = asyncio.create_task(chat.complete(HELLO))
    await asyncio.sleep(0.01)
    assert not another.done()
    another.cancel()
    await asyncio.wait([another])
