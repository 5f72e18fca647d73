"""Convert the input items of a response to messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from compat_api.openai import messages
from compat_api.openai.errors import BadRequest
from compat_api.openai.schemas import InputItem, ResponseRequest
from retrieval.llm.base import Message, ToolCall

REFERENCE = "item_reference"


def referenced_ids(body: ResponseRequest) -> list[str]:
    """Return the ids of the items of earlier responses that the input names."""
    if isinstance(body.input, str):
        return []
    return [item.id for item in body.input if item.type == REFERENCE]


def resolved(
    body: ResponseRequest, items: Mapping[str, Mapping[str, Any]]
) -> ResponseRequest:
    """Return the request with the stored items; references to others are left out."""
    if isinstance(body.input, str):
        return body
    resolved_items = [
        InputItem.model_validate(items[item.id]) if item.type == REFERENCE else item
        for item in body.input
        if item.type != REFERENCE or item.id in items
    ]
    return body.model_copy(update={"input": resolved_items})


def plain(body: ResponseRequest) -> list[Message]:
    """Return instructions and input as messages; raise BadRequest if unsupported."""
    result = [Message("system", body.instructions)] if body.instructions else []
    if isinstance(body.input, str):
        return [*result, Message("user", body.input)]
    last = max((n for n, item in enumerate(body.input) if item.is_question), default=-1)
    for position, item in enumerate(body.input):
        append_item(result, item, f"input.{position}", is_last=position >= last)
    return result


def append_item(
    result: list[Message], item: InputItem, param: str, *, is_last: bool
) -> None:
    """Append an item; adjacent calls become one message, as chat models expect."""
    match item.type:
        case "message":
            text = messages.text_of(item.content, f"{param}.content", is_last=is_last)
            result.append(Message(item.role, text))
        case "function_call":
            call = ToolCall(item.call_id, item.name, item.arguments)
            if result and result[-1].tool_calls:
                previous = result.pop()
                calls = (*previous.tool_calls, call)
                result.append(Message("assistant", previous.content, calls))
            else:
                result.append(Message("assistant", "", (call,)))
        case "function_call_output":
            text = messages.text_of(item.output, f"{param}.output")
            result.append(Message("tool", text, tool_call_id=item.call_id))
        case "reasoning":
            pass  # reasoning of earlier turns is not sent to the model
        case _:
            error = (
                f"Only messages and function calls are supported, not '{item.type}'."
            )
            raise BadRequest(error, f"{param}.type")
