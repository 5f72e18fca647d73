"""Generate an answer by a model, unless it is in the cache."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from functools import partial

from retrieval.context import support
from retrieval.context.references import Reference
from retrieval.db_thread import run_in_db
from retrieval.llm import reasoning
from retrieval.llm.base import Completion, Ending, Piece, Reasoning
from retrieval.llm.usage.ledger import Call
from retrieval.query import token_usage
from retrieval.query.answer_cache import AnswerEntry
from retrieval.query.model_request import ModelRequest
from retrieval.query_trace import QueryTrace

MAX_ANSWER_CHARS = 500_000
"""Upper bound on the characters of an answer with its reasoning, also of a stream."""


async def complete(
    request: ModelRequest,
    entry: AnswerEntry | None,
    trace: QueryTrace | None = None,
) -> Completion:
    """Return the whole answer; without an `entry` it is not cached.

    With a `trace` the cache is written while the question goes on.
    """
    cached = await run_in_db(entry.find) if entry else None
    if cached is not None:
        return cached
    completion = _bounded(await request.model.complete(request.request))
    if entry and trace:
        trace.write_later(partial(entry.store, completion))
    elif entry:
        await run_in_db(entry.store, completion)
    return completion


async def stream(
    request: str | ModelRequest,
    entry: AnswerEntry | None,
    trace: QueryTrace,
    *,
    whole: bool,
) -> AsyncGenerator[Piece, None]:
    """Yield the answer in pieces; the last piece of a model's answer is its Ending.

    A fixed text and a cached answer are one piece, and so is a model's answer with `whole`.
    If the caller closes the generator, the model's stream is closed and nothing is cached,
    but the call is recorded.
    """
    if isinstance(request, str):
        yield request
        return
    if whole:
        with trace.step("generation"):
            completion = await complete(request, entry)
    else:
        cached = await run_in_db(entry.find) if entry else None
        if cached is None:
            async with aclosing(_stream_model(request, entry, trace)) as pieces:
                async for piece in pieces:
                    yield piece
            return
        completion = cached
    if completion.reasoning:
        yield Reasoning(completion.reasoning)
    yield completion.text
    yield Ending(
        completion.prompt_tokens,
        completion.completion_tokens,
        completion.truncated,
        completion.tool_calls,
    )


async def _stream_model(
    request: ModelRequest, entry: AnswerEntry | None, trace: QueryTrace
) -> AsyncGenerator[Piece, None]:
    pieces_read: list[Piece] = []
    started = time.monotonic()
    try:
        async with aclosing(request.model.stream(request.request)) as pieces:
            length = 0
            async for piece in pieces:
                pieces_read.append(piece)
                yield piece
                length += _length(piece)
                if length > MAX_ANSWER_CHARS:
                    pieces_read.append(Ending(truncated=True))
                    yield pieces_read[-1]
                    break
    finally:
        result = reasoning.whole_answer(pieces_read)
        usage = token_usage.of_call(
            result, request.request, result.reasoning + result.text
        )
        seconds = time.monotonic() - started
        call = Call(request.model.identity, usage.prompt, usage.completion, seconds)
        trace.add_call("generation", call)
    if entry:
        await run_in_db(entry.store, result)


async def without_unsupported(
    pieces: AsyncGenerator[Piece, None], references: Sequence[Reference]
) -> AsyncGenerator[Piece, None]:
    """Yield the answer sentence by sentence, without those its sources do not support."""
    buffer = ""
    async with aclosing(pieces):
        async for piece in pieces:
            if isinstance(piece, str):
                buffer += piece
                complete = support.complete_part(buffer)
                if complete:
                    yield await asyncio.to_thread(
                        support.withhold, complete, references
                    )
                    buffer = buffer[len(complete) :]
                continue
            if isinstance(piece, Ending) and buffer:
                yield await asyncio.to_thread(support.withhold, buffer, references)
            yield piece


def _length(piece: Piece) -> int:
    if isinstance(piece, Ending):
        return 0
    return len(piece.text if isinstance(piece, Reasoning) else piece)


def _bounded(completion: Completion) -> Completion:
    if len(completion.text) + len(completion.reasoning) <= MAX_ANSWER_CHARS:
        return completion
    return replace(
        completion,
        text=completion.text[:MAX_ANSWER_CHARS],
        reasoning=completion.reasoning[:MAX_ANSWER_CHARS],
        truncated=True,
    )
