"""Tools that a caller offers to the answering model, for every chat dialect."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

from pydantic import BaseModel, Field

from retrieval.llm.base import Tool
from retrieval.llm.registry import configured_models

ToolName = Annotated[str, Field(pattern=r"^[a-zA-Z0-9_-]{1,64}$")]


class Function(BaseModel):
    """A function that the model may ask the caller to call."""

    name: ToolName
    description: str | None = None
    parameters: dict[str, Any] | None = None
    strict: bool | None = None

    def as_tool(self) -> Tool:
        return Tool(
            self.name,
            self.description or "",
            self.parameters or {"type": "object", "properties": {}},
            bool(self.strict),
        )


class CannotCallTools(Exception):
    """The request requires a tool call, but the answering model cannot call tools.

    Use an agent that has your tools, and add this server to it over MCP at /mcp.
    """

    def __init__(self) -> None:
        super().__init__(" ".join((self.__doc__ or "").split()))


def usable_tools(tools: Sequence[Tool], options: Mapping[str, Any]) -> tuple[Tool, ...]:
    """Return the tools that the model may call; none if it cannot call tools.

    Raises CannotCallTools if the `tool_choice` requires a call; otherwise tools are only
    an offer.
    """
    model = configured_models.query_chat()
    if not tools or (model is not None and model.calls_tools):
        return tuple(tools)
    if options.get("tool_choice") in (None, "auto", "none"):
        return ()
    raise CannotCallTools
