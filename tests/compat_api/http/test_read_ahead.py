"""What a model says is taken as it is said, whoever reads it and however slowly."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing

import pytest

from compat_api.http import read_ahead


class Speaker:
    """Says `count` lines of `size` bytes, and tells how far it came and how it ended."""

    def __init__(self, count: int, size: int = 10, error: str = "") -> None:
        self._count = count
        self._size = size
        self._error = error
        self.said = 0
        self.is_closed = False

    async def lines(self) -> AsyncGenerator[bytes, None]:
        try:
            for _ in range(self._count):
                self.said += 1
                yield b"x" * (self._size - 1) + b"\n"
                await asyncio.sleep(0)
            if self._error:
                raise RuntimeError(self._error)
        finally:
            self.is_closed = True


async def turns(count: int = 50) -> None:
    """Let everything else run on."""
    for _ in range(count):
        await asyncio.sleep(0)


async def test_every_line_comes_once_and_in_order() -> None:
    async def lines() -> AsyncGenerator[str, None]:
        for number in range(5):
            await turns(number)
            yield f"{number}é\n"

    async with aclosing(read_ahead.pieces(lines())) as pieces:
        said = b"".join([piece async for piece in pieces])
    assert said.decode() == "0é\n1é\n2é\n3é\n4é\n"


async def test_the_speaker_does_not_wait_for_the_reader() -> None:
    speaker = Speaker(20)
    async with aclosing(read_ahead.pieces(speaker.lines())) as pieces:
        first = await anext(pieces)
        await turns()
        assert (speaker.said, speaker.is_closed) == (20, True)
        rest = [piece async for piece in pieces]
    assert len(first) + sum(map(len, rest)) == 200
    assert len(rest) == 1, "What has gathered comes in one piece."


async def test_a_speaker_far_ahead_waits_for_the_reader() -> None:
    speaker = Speaker(10, size=read_ahead.MOST_AHEAD // 2)
    async with aclosing(read_ahead.pieces(speaker.lines())) as pieces:
        said = len(await anext(pieces))
        await turns()
        assert speaker.said == 5, "One was read, and three are held."
        async for piece in pieces:
            said += len(piece)
            await turns()
    assert said == 5 * read_ahead.MOST_AHEAD


async def test_an_error_comes_after_all_that_was_said_before_it() -> None:
    speaker = Speaker(3, error="The model is down.")
    said = b""
    with pytest.raises(RuntimeError, match="down"):
        async with aclosing(read_ahead.pieces(speaker.lines())) as pieces:
            async for piece in pieces:
                await turns()
                said += piece
    assert said.count(b"\n") == 3


async def test_a_reader_who_leaves_closes_the_speaker() -> None:
    speaker = Speaker(10**9)
    async with aclosing(read_ahead.pieces(speaker.lines())) as pieces:
        await anext(pieces)
    assert speaker.is_closed
