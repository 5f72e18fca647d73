"""Convert Ollama's messages, whose tool calls have no ids, to messages with ids."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from compat_api.ollama.schemas import ChatMessage
from retrieval.llm.base import Message, ToolCall
from retrieval.llm.chat import tool_calls


def plain(messages: Iterable[ChatMessage]) -> list[Message]:
    """Return the messages with ids for tool calls and their results.

    A tool message answers the first unanswered call of its tool, or of any tool.
    """
    result = []
    open_calls: list[ToolCall] = []
    for position, message in enumerate(messages):
        calls = tool_calls_of(message, position)
        open_calls += calls
        call_id = answered_call_id(message, open_calls)
        result.append(Message(message.role, message.content or "", calls, call_id))
    return result


def tool_calls_of(message: ChatMessage, position: int) -> tuple[ToolCall, ...]:
    """Return the tool calls of a message; their ids contain its position."""
    return tuple(
        ToolCall(
            f"call_{position}_{number}",
            call.function.name,
            json.dumps(call.function.arguments, ensure_ascii=False),
        )
        for number, call in enumerate(message.tool_calls or ())
    )


def answered_call_id(message: ChatMessage, open_calls: list[ToolCall]) -> str:
    """Return the id of the call that a tool message answers.

    The call is removed from `open_calls`.
    """
    if message.role != "tool" or not open_calls:
        return ""
    matches = [call for call in open_calls if call.name == message.tool_name]
    call = (matches or open_calls)[0]
    open_calls.remove(call)
    return call.id


def shape(call: ToolCall) -> dict[str, Any]:
    """Return a tool call in Ollama's format, with its arguments as a JSON object."""
    return {"function": {"name": call.name, "arguments": tool_calls.arguments(call)}}
