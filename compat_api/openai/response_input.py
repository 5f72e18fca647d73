"""The items of a response's input as messages."""

from __future__ import annotations

from compat_api.openai import messages
from compat_api.openai.errors import BadRequest
from compat_api.openai.schemas import InputItem, ResponseRequest
from retrieval.llm.base import Message, ToolCall


def plain(body: ResponseRequest) -> list[Message]:
    """Instructions and input, in order; raises BadRequest for what cannot be read."""
    found = [Message("system", body.instructions)] if body.instructions else []
    if isinstance(body.input, str):
        return [*found, Message("user", body.input)]
    for place, item in enumerate(body.input):
        add(found, item, f"input.{place}")
    return found


def add(found: list[Message], item: InputItem, param: str) -> None:
    """Calls that stand side by side are one message, as chat models want them."""
    match item.type:
        case "message":
            text = messages.text_of(item.content, f"{param}.content")
            found.append(Message(item.role, text))
        case "function_call":
            call = ToolCall(item.call_id, item.name, item.arguments)
            if found and found[-1].tool_calls:
                before = found.pop()
                call_and_others = (*before.tool_calls, call)
                found.append(Message("assistant", before.content, call_and_others))
            else:
                found.append(Message("assistant", "", (call,)))
        case "function_call_output":
            text = messages.text_of(item.output, f"{param}.output")
            found.append(Message("tool", text, tool_call_id=item.call_id))
        case _:
            said = f"Only messages and function calls can be read here: '{item.type}'."
            raise BadRequest(said, f"{param}.type")
