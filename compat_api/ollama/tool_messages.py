"""Ollama's messages, whose tool calls have no ids, as messages whose calls have some."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from compat_api.ollama.schemas import ChatMessage
from retrieval.llm.base import Message, ToolCall
from retrieval.llm.chat import tool_calls


def plain(messages: Iterable[ChatMessage]) -> list[Message]:
    """In order. A tool's message answers the first open call of its name, or of all."""
    found = []
    open_calls: list[ToolCall] = []
    for place, one in enumerate(messages):
        calls = called(one, place)
        open_calls += calls
        answered = answers(one, open_calls)
        found.append(Message(one.role, one.content or "", calls, answered))
    return found


def called(message: ChatMessage, place: int) -> tuple[ToolCall, ...]:
    """What an assistant wanted called; their ids are their places."""
    return tuple(
        ToolCall(
            f"call_{place}_{number}",
            call.function.name,
            json.dumps(call.function.arguments, ensure_ascii=False),
        )
        for number, call in enumerate(message.tool_calls or ())
    )


def answers(message: ChatMessage, open_calls: list[ToolCall]) -> str:
    """The id of the call that a tool's message answers, which is open no longer."""
    if message.role != "tool" or not open_calls:
        return ""
    named = [call for call in open_calls if call.name == message.tool_name]
    call = (named or open_calls)[0]
    open_calls.remove(call)
    return call.id


def shape(call: ToolCall) -> dict[str, Any]:
    """One of the `tool_calls` of an answer; its arguments are an object in Ollama's API."""
    return {"function": {"name": call.name, "arguments": tool_calls.arguments(call)}}
