"""What is asked of OpenAI's API, in its own words. Pure."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any

from openai.resources.chat.completions import AsyncCompletions

from retrieval.llm.base import ChatRequest, Message, Tool
from retrieval.llm.chat.structured_output import Step

_KNOWN_OPTIONS = frozenset(inspect.signature(AsyncCompletions.create).parameters)
_LENGTHS = ("max_tokens", "max_completion_tokens")


def body(
    configured: Mapping[str, Any], request: ChatRequest, step: Step
) -> dict[str, Any]:
    """Arguments of the package's `create`, but for the model and `stream`."""
    said = options(configured, request.options)
    said["messages"] = [_message(one) for one in request.messages]
    if request.tools:
        said["tools"] = [_tool(one) for one in request.tools]
    wanted = _response_format(request, step)
    if wanted:
        said["response_format"] = wanted
    return said


def options(configured: Mapping[str, Any], asked: Mapping[str, Any]) -> dict[str, Any]:
    """Both, the request's first; what the package has no name for goes as it is."""
    merged = {**configured, **asked}
    if any(name in asked for name in _LENGTHS):
        merged = {k: v for k, v in merged.items() if k in asked or k not in _LENGTHS}
    known = {name: value for name, value in merged.items() if name in _KNOWN_OPTIONS}
    others = {k: v for k, v in merged.items() if k not in _KNOWN_OPTIONS}
    if others:
        known["extra_body"] = {**others, **known.get("extra_body", {})}
    return known


def _message(one: Message) -> dict[str, Any]:
    said: dict[str, Any] = {"role": one.role, "content": one.content}
    if one.tool_calls:
        said["content"] = one.content or None
        said["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in one.tool_calls
        ]
    if one.tool_call_id:
        said["tool_call_id"] = one.tool_call_id
    return said


def _tool(one: Tool) -> dict[str, Any]:
    function: dict[str, Any] = {
        "name": one.name,
        "parameters": dict(one.parameters),
    }
    if one.description:
        function["description"] = one.description
    if one.strict:
        function["strict"] = True
    return {"type": "function", "function": function}


def _response_format(request: ChatRequest, step: Step) -> dict[str, Any] | None:
    schema = request.json_schema
    if schema is None or step is Step.PROMPT:
        return None
    if step is Step.OBJECT:
        return {"type": "json_object"}
    held = {"name": schema.name, "schema": dict(schema.schema), "strict": schema.strict}
    return {"type": "json_schema", "json_schema": held}
