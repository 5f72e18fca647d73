"""Requests in the format of OpenAI's API."""

from __future__ import annotations

import base64
import inspect
from collections.abc import Mapping
from typing import Any

from openai.resources.chat.completions import AsyncCompletions

from retrieval.llm.base import ChatRequest, Message, MessageImage, Tool
from retrieval.llm.chat.refusals import OutputFormat, Variant

_NAMED_OPTIONS = frozenset(inspect.signature(AsyncCompletions.create).parameters)
_LENGTHS = ("max_tokens", "max_completion_tokens")


def body(
    configured: Mapping[str, Any], request: ChatRequest, variant: Variant
) -> dict[str, Any]:
    """Return the arguments of the package's `create`, without `model` and `stream`."""
    arguments = _named(variant.options(options(configured, request)))
    arguments["messages"] = [_message(message) for message in request.messages]
    if request.tools:
        arguments["tools"] = [_tool(tool) for tool in request.tools]
    response_format = _response_format(request, variant.output_format)
    if response_format:
        arguments["response_format"] = response_format
    return arguments


def options(configured: Mapping[str, Any], request: ChatRequest) -> dict[str, Any]:
    """Merge the options: the request's first, then the configured, then its defaults."""
    requested = {k: v for k, v in request.options.items() if k != "think"}  # Ollama's
    merged = {**request.defaults, **configured, **requested}
    if any(name in requested for name in _LENGTHS):
        merged = {
            k: v for k, v in merged.items() if k in requested or k not in _LENGTHS
        }
    return merged


def _named(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options; those the package has no name for are put in the body."""
    named = {name: value for name, value in options.items() if name in _NAMED_OPTIONS}
    others = {k: v for k, v in options.items() if k not in _NAMED_OPTIONS}
    if others:
        named["extra_body"] = {**others, **named.get("extra_body", {})}
    return named


def _message(message: Message) -> dict[str, Any]:
    fields: dict[str, Any] = {"role": message.role, "content": message.content}
    if message.images:
        fields["content"] = [
            {"type": "text", "text": message.content},
            *map(_image, message.images),
        ]
    if message.tool_calls:
        fields["content"] = message.content or None
        fields["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in message.tool_calls
        ]
    if message.tool_call_id:
        fields["tool_call_id"] = message.tool_call_id
    return fields


def _image(image: MessageImage) -> dict[str, Any]:
    content = base64.b64encode(image.content).decode()
    return {
        "type": "image_url",
        "image_url": {"url": f"data:{image.media_type};base64,{content}"},
    }


def _tool(tool: Tool) -> dict[str, Any]:
    function: dict[str, Any] = {
        "name": tool.name,
        "parameters": dict(tool.parameters),
    }
    if tool.description:
        function["description"] = tool.description
    if tool.strict:
        function["strict"] = True
    return {"type": "function", "function": function}


def _response_format(
    request: ChatRequest, output_format: OutputFormat
) -> dict[str, Any] | None:
    schema = request.json_schema
    if schema is None or output_format is OutputFormat.PROMPT:
        return None
    if output_format is OutputFormat.OBJECT:
        return {"type": "json_object"}
    fields = {
        "name": schema.name,
        "schema": dict(schema.schema),
        "strict": schema.strict,
    }
    return {"type": "json_schema", "json_schema": fields}
