"""Tools, and calls of them, in OpenAI's shapes: chat completions nest what responses
have flat."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from compat_api.chat.tool_use import Function, ToolName
from compat_api.openai.errors import BadRequest
from retrieval.llm.base import Tool, ToolCall

MOST = 128
Choice = str | dict[str, Any]


class ChatTool(BaseModel):
    """`tools` of chat completions."""

    type: str = "function"
    function: Function | None = None


class ResponseTool(BaseModel):
    """`tools` of responses."""

    type: str
    name: ToolName | None = None
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None


class CalledFunction(BaseModel):
    """What was to be called."""

    name: str
    arguments: str = ""


class CalledTool(BaseModel):
    """One of an assistant's `tool_calls`."""

    id: str
    type: str = "function"
    function: CalledFunction

    def known(self) -> ToolCall:
        return ToolCall(self.id, self.function.name, self.function.arguments)


def of_chat(tools: Iterable[ChatTool] | None) -> list[Tool]:
    """Raises BadRequest for what is no function."""
    found = []
    for place, one in enumerate(tools or ()):
        if one.type != "function" or one.function is None:
            raise not_a_function(one.type, place)
        found.append(one.function.known())
    return found


def of_response(tools: Iterable[ResponseTool] | None) -> list[Tool]:
    """Raises BadRequest for OpenAI's own tools, which are not here."""
    found = []
    for place, one in enumerate(tools or ()):
        if one.type != "function" or one.name is None:
            raise not_a_function(one.type, place)
        said = one.model_dump(exclude={"type"})
        found.append(Function.model_validate(said).known())
    return found


def not_a_function(kind: str, place: int) -> BadRequest:
    said = f"Only tools of type 'function' can be offered here, and this is '{kind}'."
    return BadRequest(said, f"tools.{place}.type")


def nested_choice(choice: Choice | None) -> Choice | None:
    """A response's `tool_choice` as chat completions have it."""
    if isinstance(choice, dict) and choice.get("type") == "function":
        return {"type": "function", "function": {"name": choice.get("name")}}
    return choice


def options(
    tools: Iterable[Tool], choice: Choice | None, *, parallel: bool | None
) -> dict[str, Any]:
    """What the model is told of how to use them."""
    if not tools:
        return {}
    said = {"tool_choice": choice, "parallel_tool_calls": parallel}
    return {name: value for name, value in said.items() if value is not None}


def shape(call: ToolCall) -> dict[str, Any]:
    """One of the `tool_calls` of a chat completion's message."""
    return {
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": call.arguments},
    }
