"""Convert the input items of a response to messages."""

from __future__ import annotations

from compat_api.openai import messages
from compat_api.openai.errors import BadRequest
from compat_api.openai.schemas import InputItem, ResponseRequest
from retrieval.llm.base import Message, ToolCall


def plain(body: ResponseRequest) -> list[Message]:
    """Return instructions and input as messages; raise BadRequest if unsupported."""
    result = [Message("system", body.instructions)] if body.instructions else []
    if isinstance(body.input, str):
        return [*result, Message("user", body.input)]
    for position, item in enumerate(body.input):
        append_item(result, item, f"input.{position}")
    return result


def append_item(result: list[Message], item: InputItem, param: str) -> None:
    """Append an item; adjacent calls become one message, as chat models expect."""
    match item.type:
        case "message":
            text = messages.text_of(item.content, f"{param}.content")
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
        case _:
            error = (
                f"Only messages and function calls are supported, not '{item.type}'."
            )
            raise BadRequest(error, f"{param}.type")
