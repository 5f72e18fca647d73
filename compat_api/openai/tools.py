"""Tools and tool calls in OpenAI's forms.

Chat completions nest the function in an object; responses do not.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from pydantic import BaseModel

from compat_api.chat.tool_use import Function, ToolName
from compat_api.openai.errors import BadRequest
from retrieval.llm.base import Tool, ToolCall

MAX_TOOLS = 128
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
    """The function that was called."""

    name: str
    arguments: str = ""


class CalledTool(BaseModel):
    """A tool call in an assistant's message."""

    id: str
    type: str = "function"
    function: CalledFunction

    def as_tool_call(self) -> ToolCall:
        return ToolCall(self.id, self.function.name, self.function.arguments)


def of_chat(tools: Iterable[ChatTool] | None) -> list[Tool]:
    """Return the tools of a chat completion; raise BadRequest for unknown types."""
    result = []
    for position, tool in enumerate(tools or ()):
        if tool.type != "function" or tool.function is None:
            raise not_a_function(tool.type, position)
        result.append(tool.function.as_tool())
    return result


def of_response(tools: Iterable[ResponseTool] | None) -> list[Tool]:
    """Return the tools of a response; raise BadRequest for OpenAI's built-in tools."""
    result = []
    for position, tool in enumerate(tools or ()):
        if tool.type != "function" or tool.name is None:
            raise not_a_function(tool.type, position)
        fields = tool.model_dump(exclude={"type"})
        result.append(Function.model_validate(fields).as_tool())
    return result


def not_a_function(kind: str, position: int) -> BadRequest:
    message = f"Only tools of type 'function' are supported, not '{kind}'."
    return BadRequest(message, f"tools.{position}.type")


def nested_choice(choice: Choice | None) -> Choice | None:
    """Return the `tool_choice` of a response in the form of chat completions."""
    if isinstance(choice, dict) and choice.get("type") == "function":
        return {"type": "function", "function": {"name": choice.get("name")}}
    return choice


def options(
    tools: Iterable[Tool], choice: Choice | None, *, parallel: bool | None
) -> dict[str, Any]:
    """Return the model options for the use of tools."""
    if not tools:
        return {}
    values = {"tool_choice": choice, "parallel_tool_calls": parallel}
    return {name: value for name, value in values.items() if value is not None}


def shape(call: ToolCall) -> dict[str, Any]:
    """Return a tool call in the form of chat completions."""
    return {
        "id": call.id,
        "type": "function",
        "function": {"name": call.name, "arguments": call.arguments},
    }
