"""Messages and tools in the form of Amazon Bedrock's Converse API."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from itertools import groupby
from typing import Any

from retrieval.llm.base import ChatRequest, Message
from retrieval.llm.chat import tool_calls

Block = dict[str, Any]
_SYSTEM = ("system", "developer")
_START: Block = {"role": "user", "content": [{"text": "…"}]}
"""The API refuses a conversation that the assistant begins."""


def system(messages: Iterable[Message]) -> list[Block]:
    """Return the instructions."""
    texts = (message.content for message in messages if message.role in _SYSTEM)
    return [{"text": text} for text in texts if text.strip()]


def messages(messages: Iterable[Message]) -> list[Block]:
    """Return the conversation; the API requires that the roles alternate.

    Blank messages are left out, because the API refuses them.
    """
    blocks = [
        (_role(message), block)
        for message in messages
        if message.role not in _SYSTEM
        for block in _blocks(message)
    ]
    turns = [
        {"role": role, "content": [block for _, block in group]}
        for role, group in groupby(blocks, key=lambda item: item[0])
    ]
    begins_with_user = bool(turns) and turns[0]["role"] == "user"
    return turns if begins_with_user else [_START, *turns]


def tool_config(request: ChatRequest) -> Block | None:
    """Return the tools and which must be called; None if no tool may be called.

    The API has no choice `none`, and needs the tools of earlier calls in the conversation.
    """
    choice = request.options.get("tool_choice")
    anything: Block = {"type": "object"}
    has_calls = any(message.tool_calls for message in request.messages)
    if not request.tools or (choice == "none" and not has_calls):
        return None
    tools: list[Block] = [
        {
            "toolSpec": {
                "name": tool.name,
                "description": tool.description or tool.name,
                "inputSchema": {"json": dict(tool.parameters) or anything},
            }
        }
        for tool in request.tools
    ]
    config: Block = {"tools": tools}
    if choice == "required":
        config["toolChoice"] = {"any": {}}
    elif isinstance(choice, dict):
        config["toolChoice"] = {"tool": {"name": choice["function"]["name"]}}
    return config


def _role(message: Message) -> str:
    return "assistant" if message.role == "assistant" else "user"


def _blocks(message: Message) -> list[Block]:
    text: list[Block] = [{"text": message.content}] if message.content.strip() else []
    if message.tool_call_id:
        content = text or [{"json": {}}]
        return [{"toolResult": {"toolUseId": message.tool_call_id, "content": content}}]
    images = [
        {
            "image": {
                "format": image.media_type.rpartition("/")[2].replace("jpg", "jpeg"),
                "source": {"bytes": base64.b64encode(image.content).decode()},
            }
        }
        for image in message.images
    ]
    calls = [
        {
            "toolUse": {
                "toolUseId": call.id,
                "name": call.name,
                "input": tool_calls.arguments(call),
            }
        }
        for call in message.tool_calls
    ]
    return [*text, *images, *calls]
