"""Messages and tools in Ollama's format.

Ollama's tool calls have no ids; the result of a tool names the tool instead.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ollama import Image
from ollama import Message as OllamaMessage

from retrieval.llm.base import Message, Tool, ToolCall
from retrieval.llm.chat import tool_calls as calls

EMPTY = OllamaMessage(role="assistant")


def messages(items: Iterable[Message]) -> list[dict[str, Any]]:
    """Return the messages of a request, in order."""
    names: dict[str, str] = {}
    result = []
    for item in items:
        names |= {call.id: call.name for call in item.tool_calls}
        fields: dict[str, Any] = {"role": item.role, "content": item.content}
        if item.images:
            fields["images"] = [Image(value=image.content) for image in item.images]
        if item.tool_calls:
            fields["tool_calls"] = [_call(call) for call in item.tool_calls]
        if item.tool_call_id:
            fields["tool_name"] = names.get(item.tool_call_id, item.tool_call_id)
        result.append(fields)
    return result


def tool(item: Tool) -> dict[str, Any]:
    """Return a tool that is offered to the model."""
    function = {
        "name": item.name,
        "description": item.description,
        "parameters": dict(item.parameters),
    }
    return {"type": "function", "function": function}


def tool_calls(message: OllamaMessage) -> tuple[ToolCall, ...]:
    """Return the tool calls of an answer, with new ids."""
    return tuple(
        ToolCall(
            calls.new_id(),
            call.function.name,
            json.dumps(call.function.arguments, ensure_ascii=False),
        )
        for call in message.tool_calls or ()
    )


def _call(call: ToolCall) -> dict[str, Any]:
    return {"function": {"name": call.name, "arguments": calls.arguments(call)}}
