"""Streamed responses: read-ahead, back-pressure and closing."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from compat_api.http import streaming
from compat_api.http.streaming import MAX_BUFFERED_BYTES, hold_until, read_ahead


class Producer:
    """Yields `count` lines of `size` bytes; records its progress and whether it closed."""

    def __init__(self, count: int, size: int = 10, error: str = "") -> None:
        self._count = count
        self._size = size
        self._error = error
        self.produced = 0
        self.is_closed = False

    async def lines(self) -> AsyncGenerator[bytes, None]:
        try:
            for _ in range(self._count):
                self.produced += 1
                yield b"x" * (self._size - 1) + b"\n"
                await asyncio.sleep(0)
            if self._error:
                raise RuntimeError(self._error)
        finally:
            self.is_closed = True


async def run_other_tasks(turns: int = 50) -> None:
    for _ in range(turns):
        await asyncio.sleep(0)


async def test_lines_arrive_once_and_in_order() -> None:
    async def lines() -> AsyncGenerator[str, None]:
        for number in range(5):
            await run_other_tasks(number)
            yield f"{number}é\n"

    async with aclosing(read_ahead(lines())) as blocks:
        received = b"".join([block async for block in blocks])
    assert received.decode() == "0é\n1é\n2é\n3é\n4é\n"


async def test_producer_does_not_wait_for_the_reader() -> None:
    producer = Producer(20)
    async with aclosing(read_ahead(producer.lines())) as blocks:
        first = await anext(blocks)
        await run_other_tasks()
        assert (producer.produced, producer.is_closed) == (20, True)
        later = [block async for block in blocks]
    assert len(first) + sum(map(len, later)) == 200
    assert len(later) == 1, "Buffered lines are sent as one block."


async def test_producer_waits_when_the_buffer_is_full() -> None:
    producer = Producer(10, size=MAX_BUFFERED_BYTES // 2)
    async with aclosing(read_ahead(producer.lines())) as blocks:
        received = len(await anext(blocks))
        await run_other_tasks()
        assert producer.produced == 5, "One line was sent, three are buffered."
        async for block in blocks:
            received += len(block)
            await run_other_tasks()
    assert received == 5 * MAX_BUFFERED_BYTES


async def test_error_is_raised_after_the_lines_before_it() -> None:
    producer = Producer(3, error="The model is down.")
    received = b""
    with pytest.raises(RuntimeError, match="down"):
        async with aclosing(read_ahead(producer.lines())) as blocks:
            async for block in blocks:
                await run_other_tasks()
                received += block
    assert received.count(b"\n") == 3


async def test_closing_the_reader_closes_the_producer() -> None:
    producer = Producer(10**9)
    async with aclosing(read_ahead(producer.lines())) as blocks:
        await anext(blocks)
    assert producer.is_closed


async def test_hold_until_returns_all_items_from_the_first() -> None:
    async def numbers() -> AsyncGenerator[int, None]:
        for number in range(5):
            yield number

    items = await hold_until(numbers(), lambda number: number == 2)
    assert [item async for item in items] == [0, 1, 2, 3, 4]


async def test_hold_until_raises_an_error_before_the_first_item() -> None:
    producer = Producer(0, error="The model is down.")
    with pytest.raises(RuntimeError, match="down"):
        await hold_until(producer.lines(), bool)
    assert producer.is_closed


async def test_hold_until_begins_without_the_first_item_if_it_is_late(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streaming, "HOLD_SECONDS", 0.01)
    go_on = asyncio.Event()
    closed = []

    async def numbers() -> AsyncGenerator[int, None]:
        try:
            yield 1
            await go_on.wait()
            yield 2
            yield 3
        finally:
            closed.append(True)

    items = await hold_until(
        numbers(), lambda number: number == 2, lambda number: number == 1
    )
    async with aclosing(items):
        assert await anext(items) == 1
        go_on.set()
        assert [number async for number in items] == [2, 3]
    assert closed


async def test_a_late_stream_is_closed_while_it_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streaming, "HOLD_SECONDS", 0.01)
    closed = []

    async def numbers() -> AsyncGenerator[int, None]:
        try:
            yield 1
            await asyncio.Event().wait()
        finally:
            closed.append(True)

    items = await hold_until(numbers(), lambda _: False, lambda _: True)
    assert await anext(items) == 1
    await items.aclose()
    assert closed


async def test_a_heartbeat_is_sent_while_nothing_is_produced(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streaming, "HEARTBEAT_SECONDS", 0.01)

    async def lines() -> AsyncGenerator[bytes, None]:
        await asyncio.sleep(0.05)
        yield b"late"

    async with aclosing(read_ahead(lines(), lambda: b".")) as blocks:
        received = [block async for block in blocks]
    assert received[0] == b"."
    assert received[-1] == b"late"
