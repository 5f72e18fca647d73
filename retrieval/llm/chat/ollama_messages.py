"""Messages and tools in Ollama's own shapes: its calls have no ids, its tools' answers
name the tool. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from ollama import Message as OllamaMessage

from retrieval.llm.base import Message, Tool, ToolCall
from retrieval.llm.chat import tool_calls as calls

NOTHING = OllamaMessage(role="assistant")


def of(messages: Iterable[Message]) -> list[dict[str, Any]]:
    """All of a request, in order."""
    names: dict[str, str] = {}
    shaped = []
    for one in messages:
        names |= {call.id: call.name for call in one.tool_calls}
        said: dict[str, Any] = {"role": one.role, "content": one.content}
        if one.tool_calls:
            said["tool_calls"] = [_call(call) for call in one.tool_calls]
        if one.tool_call_id:
            said["tool_name"] = names.get(one.tool_call_id, one.tool_call_id)
        shaped.append(said)
    return shaped


def tool(one: Tool) -> dict[str, Any]:
    """One that is offered."""
    function = {
        "name": one.name,
        "description": one.description,
        "parameters": dict(one.parameters),
    }
    return {"type": "function", "function": function}


def tool_calls(message: OllamaMessage) -> tuple[ToolCall, ...]:
    """Those of an answer, with ids that it lacks."""
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
