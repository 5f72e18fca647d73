"""The events of a streamed response, without their sequence numbers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from compat_api.openai import errors
from compat_api.openai import response_schemas as shapes
from compat_api.openai.response_schemas import ResponseEnvelope, ResponseResult
from retrieval.llm.base import ToolCall
from retrieval.llm.errors import LLMError

EventData = dict[str, Any]


def opening(envelope: ResponseEnvelope) -> Iterator[EventData]:
    """Yield the events that open an empty response."""
    response = shapes.response(envelope, "in_progress")
    yield {"type": "response.created", "response": response}
    yield {"type": "response.in_progress", "response": response}


def opening_text(envelope: ResponseEnvelope) -> Iterator[EventData]:
    """Yield the events that open the message and its text."""
    item = shapes.message(envelope, "in_progress", [])
    yield {"type": "response.output_item.added", "output_index": 0, "item": item}
    yield part(
        envelope,
        "response.content_part.added",
        part=shapes.output_text(envelope.pages, ""),
    )


def delta(envelope: ResponseEnvelope, text: str) -> EventData:
    """Return the event for a part of the text."""
    return part(envelope, "response.output_text.delta", delta=text, logprobs=[])


def closing_text(
    envelope: ResponseEnvelope, result: ResponseResult
) -> Iterator[EventData]:
    """Yield the citations, and then the complete text and message."""
    text = shapes.output_text(
        envelope.pages, result.text, result.references, result.verdicts
    )
    for index, annotation in enumerate(text["annotations"]):
        kind = "response.output_text.annotation.added"
        yield part(envelope, kind, annotation_index=index, annotation=annotation)
    yield part(envelope, "response.output_text.done", text=result.text, logprobs=[])
    yield part(envelope, "response.content_part.done", part=text)
    item = shapes.message(envelope, result.status, [text])
    yield {"type": "response.output_item.done", "output_index": 0, "item": item}


def calling(call: ToolCall, index: int) -> Iterator[EventData]:
    """Yield the events of a function call, the item `index` of the output."""
    started = shapes.function_call(call, "in_progress")
    ids = {"output_index": index, "item_id": started["id"]}
    prefix = "response.function_call_arguments"
    arguments = call.arguments
    yield {
        "type": "response.output_item.added",
        "output_index": index,
        "item": started,
    }
    yield {"type": f"{prefix}.delta", **ids, "delta": arguments}
    yield {"type": f"{prefix}.done", **ids, "arguments": arguments, "name": call.name}
    item = shapes.function_call(call, "completed")
    yield {"type": "response.output_item.done", "output_index": index, "item": item}


def closing(envelope: ResponseEnvelope, result: ResponseResult) -> Iterator[EventData]:
    """Yield the function calls, and then the complete response."""
    whole = shapes.finished(envelope, result)
    first = len(whole["output"]) - len(result.tool_calls)
    for index, call in enumerate(result.tool_calls, first):
        yield from calling(call, index)
    yield {"type": f"response.{whole['status']}", "response": whole}


def part(envelope: ResponseEnvelope, kind: str, **fields: Any) -> EventData:
    """Return an event about the text of the response."""
    ids = {"item_id": envelope.item_id, "output_index": 0, "content_index": 0}
    return {"type": kind, **ids, **fields}


def failure(envelope: ResponseEnvelope, error: LLMError) -> EventData:
    """Return the event of a failed response."""
    kind = errors.llm_error_kind(error)
    details = {"code": kind.code or kind.type, "message": str(error)}
    failed = shapes.response(envelope, "failed") | {"error": details}
    return {"type": "response.failed", "response": failed}
