"""Requests in the format of OpenAI's API."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from retrieval.llm.base import ChatRequest, Message, MessageImage, Tool
from retrieval.llm.chat.refusals import OutputFormat, Variant

_CLIENT_OPTIONS = frozenset({"extra_headers", "extra_query", "timeout"})
"""Options for the client, which are not part of the request's body."""

_LENGTHS = ("max_tokens", "max_completion_tokens")


def arguments(
    configured: Mapping[str, Any], request: ChatRequest, variant: Variant
) -> dict[str, Any]:
    """Return the arguments of the package's `create`, without `model` and `stream`.

    The body is in `extra_body`, which the package sends as it is. It would convert the
    other arguments by their types, a third of the CPU time of the call.
    """
    set_options = variant.options(options(configured, request))
    for_client = {
        name: set_options.pop(name) for name in _CLIENT_OPTIONS & set_options.keys()
    }
    extra = set_options.pop("extra_body", {})
    body = {**set_options, **extra}
    body["messages"] = [_message(message) for message in request.messages]
    if request.tools:
        body["tools"] = [_tool(tool) for tool in request.tools]
    response_format = _response_format(request, variant.output_format)
    if response_format:
        body["response_format"] = response_format
    return {**for_client, "messages": [], "extra_body": body}


def options(configured: Mapping[str, Any], request: ChatRequest) -> dict[str, Any]:
    """Merge the options: the request's first, then the configured, then its defaults."""
    requested = {k: v for k, v in request.options.items() if k != "think"}  # Ollama's
    merged = {**request.defaults, **configured, **requested}
    if any(name in requested for name in _LENGTHS):
        merged = {
            k: v for k, v in merged.items() if k in requested or k not in _LENGTHS
        }
    return merged


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
