"""A response as it is made: OpenAI's events, numbered."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from itertools import count
from typing import Any

from compat_api.openai import errors, sse
from compat_api.openai import response_shapes as shapes
from compat_api.openai.response_shapes import ResponseFrame, Said
from retrieval import usage
from retrieval.events import Delta, Event, Finished, References
from retrieval.llm.errors import LLMError
from retrieval.references import Reference

logger = logging.getLogger(__name__)
Told = dict[str, Any]


async def lines(
    frame: ResponseFrame, events: AsyncGenerator[Event, None]
) -> AsyncGenerator[str, None]:
    """The stream; a failure on its way is its last event."""
    numbers = count()
    async with aclosing(told(frame, events)) as made:
        try:
            async for one in made:
                yield sse.event(one | {"sequence_number": next(numbers)})
        except LLMError as error:
            logger.warning("A model failed in the middle of a stream: %s", error)
            failed = failure(frame, error) | {"sequence_number": next(numbers)}
            yield sse.event(failed)


async def told(
    frame: ResponseFrame, events: AsyncGenerator[Event, None]
) -> AsyncGenerator[Told, None]:
    """All events but for their numbers."""
    said: list[str] = []
    listed: tuple[Reference, ...] = ()
    for one in opening(frame):
        yield one
    async with aclosing(events):
        async for event in events:
            match event:
                case References(listed):
                    pass
                case Delta(text):
                    said.append(text)
                    yield part(
                        frame, "response.output_text.delta", delta=text, logprobs=[]
                    )
                case Finished():
                    whole = "".join(said)
                    used = usage.counted(event.asked, whole)
                    for one in closing(
                        frame, Said(whole, listed, used, event.truncated)
                    ):
                        yield one


def opening(frame: ResponseFrame) -> Iterator[Told]:
    """The response, its message and its text, all empty."""
    begun = shapes.response(frame, "in_progress")
    yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}
    item = shapes.message(frame, "in_progress", [])
    yield {"type": "response.output_item.added", "output_index": 0, "item": item}
    yield part(frame, "response.content_part.added", part=shapes.output_text(""))


def closing(frame: ResponseFrame, said: Said) -> Iterator[Told]:
    """The citations, then the text, its message and the response, all whole."""
    text = shapes.output_text(said.text, said.references)
    for place, one in enumerate(text["annotations"]):
        kind = "response.output_text.annotation.added"
        yield part(frame, kind, annotation_index=place, annotation=one)
    yield part(frame, "response.output_text.done", text=said.text, logprobs=[])
    yield part(frame, "response.content_part.done", part=text)
    whole = shapes.finished(frame, said)
    item = whole["output"][0]
    yield {"type": "response.output_item.done", "output_index": 0, "item": item}
    yield {"type": f"response.{whole['status']}", "response": whole}


def part(frame: ResponseFrame, kind: str, **fields: Any) -> Told:
    """An event about the one text."""
    where = {"item_id": frame.item_id, "output_index": 0, "content_index": 0}
    return {"type": kind, **where, **fields}


def failure(frame: ResponseFrame, error: LLMError) -> Told:
    """The response, failed."""
    shape = errors.llm_shape(error)
    told = {"code": shape.code or shape.type, "message": str(error)}
    failed = shapes.response(frame, "failed") | {"error": told}
    return {"type": "response.failed", "response": failed}
