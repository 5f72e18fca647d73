"""OpenAI's messages, in all their forms, as plain text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from ninja import Schema
from pydantic import Field

from compat_api.openai.errors import BadRequest
from retrieval.llm.base import Message

TEXT_PARTS = ("text", "input_text", "output_text", "refusal")


class Part(Schema):
    """A part of a message's content; only text can be read."""

    type: str
    text: str = ""
    refusal: str = ""


class ChatMessage(Schema):
    """One message; other keys are left aside."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None

    def plain(self, place: int) -> Message:
        """Raises BadRequest for images, sounds and files."""
        return Message(self.role, text_of(self.content, f"messages.{place}.content"))


class ChatMessages(Schema):
    """What a conversation may hold."""

    messages: list[ChatMessage] = Field(min_length=1, max_length=1024)

    def plain(self) -> list[Message]:
        return [one.plain(place) for place, one in enumerate(self.messages)]


def text_of(content: str | Sequence[Part] | None, param: str) -> str:
    """The text of a content; raises BadRequest where it has other parts."""
    if content is None or isinstance(content, str):
        return content or ""
    for part in content:
        if part.type not in TEXT_PARTS:
            said = f"Only text can be read here, and this is '{part.type}'."
            raise BadRequest(said, param)
    return "\n".join(part.text or part.refusal for part in content)


def refuse_tools(tools: Sequence[Any] | None, tool_choice: Any = None) -> None:
    """Raises BadRequest: answers come from the knowledge base, which calls nothing."""
    if tools and tool_choice != "none":
        raise BadRequest(
            "Tools are not supported by these models: they answer from the knowledge "
            "base and call nothing. Offer them to your agent over MCP at /mcp instead.",
            "tools",
        )
