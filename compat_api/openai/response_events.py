"""The events of a streamed response, but for their numbers. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from compat_api.openai import errors
from compat_api.openai import response_schemas as shapes
from compat_api.openai.response_schemas import ResponseFrame, Said
from retrieval.llm.base import ToolCall
from retrieval.llm.errors import LLMError

Told = dict[str, Any]


def opening(frame: ResponseFrame) -> Iterator[Told]:
    """The response, with nothing in it."""
    begun = shapes.response(frame, "in_progress")
    yield {"type": "response.created", "response": begun}
    yield {"type": "response.in_progress", "response": begun}


def opening_text(frame: ResponseFrame) -> Iterator[Told]:
    """The message and its text, both empty."""
    item = shapes.message(frame, "in_progress", [])
    yield {"type": "response.output_item.added", "output_index": 0, "item": item}
    yield part(frame, "response.content_part.added", part=shapes.output_text(""))


def delta(frame: ResponseFrame, text: str) -> Told:
    """A piece of the text."""
    return part(frame, "response.output_text.delta", delta=text, logprobs=[])


def closing_text(frame: ResponseFrame, said: Said) -> Iterator[Told]:
    """The citations, then the text and its message, whole."""
    text = shapes.output_text(said.text, said.references)
    for place, one in enumerate(text["annotations"]):
        kind = "response.output_text.annotation.added"
        yield part(frame, kind, annotation_index=place, annotation=one)
    yield part(frame, "response.output_text.done", text=said.text, logprobs=[])
    yield part(frame, "response.content_part.done", part=text)
    item = shapes.message(frame, said.status, [text])
    yield {"type": "response.output_item.done", "output_index": 0, "item": item}


def calling(call: ToolCall, place: int) -> Iterator[Told]:
    """A function that the model wants called: the item `place` of the output."""
    begun = shapes.function_call(call, "in_progress")
    where = {"output_index": place, "item_id": begun["id"]}
    kind = "response.function_call_arguments"
    said = call.arguments
    yield {"type": "response.output_item.added", "output_index": place, "item": begun}
    yield {"type": f"{kind}.delta", **where, "delta": said}
    yield {"type": f"{kind}.done", **where, "arguments": said, "name": call.name}
    item = shapes.function_call(call, "completed")
    yield {"type": "response.output_item.done", "output_index": place, "item": item}


def closing(frame: ResponseFrame, said: Said) -> Iterator[Told]:
    """The calls, and the response whole."""
    whole = shapes.finished(frame, said)
    first = len(whole["output"]) - len(said.tool_calls)
    for place, call in enumerate(said.tool_calls, first):
        yield from calling(call, place)
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
