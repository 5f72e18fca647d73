"""A model's answer, out of the cache where it is known, into the cache where it is new."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing

from retrieval.db_thread import in_database
from retrieval.llm.base import Completion, Ending, Piece
from retrieval.llm.usage.recorder import Call
from retrieval.query import token_usage
from retrieval.query.answer_cache import Slot
from retrieval.query.model_request import Asked
from retrieval.query.trace import Clock


async def complete(asked: str | Asked, slot: Slot | None) -> Completion:
    """The whole answer; words that stand already are their own.

    `slot` is None where nothing is kept.
    """
    if isinstance(asked, str):
        return Completion(asked)
    if slot is None:
        return await asked.model.complete(asked.request)
    known = await in_database(slot.find)
    if known is not None:
        return known
    completion = await asked.model.complete(asked.request)
    await in_database(slot.keep, completion)
    return completion


async def stream(
    asked: str | Asked, slot: Slot | None, clock: Clock
) -> AsyncGenerator[Piece, None]:
    """The answer piece by piece; a known one in one piece. A model's ends with its Ending.

    A reader who leaves closes the model's stream, and half an answer is not kept, but
    it is paid for.
    """
    if isinstance(asked, str):
        yield asked
        return
    known = await in_database(slot.find) if slot else None
    if known:
        yield known.text
        yield Ending(known.prompt_tokens, known.completion_tokens)
        return
    said: list[str] = []
    ending = Ending()
    started = time.monotonic()
    try:
        async with aclosing(asked.model.stream(asked.request)) as answer:
            async for piece in answer:
                if isinstance(piece, Ending):
                    ending = piece
                else:
                    said.append(piece)
                yield piece
    finally:
        cost = token_usage.of_call(ending, asked.request, "".join(said))
        seconds = time.monotonic() - started
        call = Call(asked.model.identity, cost.prompt, cost.completion, seconds)
        clock.note("generation", call)
    if slot:
        await in_database(slot.keep, ending.after("".join(said)))
