"""OpenAI's messages, in all their forms, as plain text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ninja import Schema
from pydantic import BaseModel, Field

from compat_api.openai.errors import BadRequest
from compat_api.openai.tools import MOST, CalledTool
from retrieval.llm.base import Message

TEXT_PARTS = ("text", "input_text", "output_text", "refusal")


class Part(BaseModel):
    """A part of a message's content; only text can be read."""

    type: str
    text: str = ""
    refusal: str = ""


class ChatMessage(BaseModel):
    """One message; other keys are left aside."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None
    tool_calls: list[CalledTool] | None = Field(None, max_length=MOST)
    tool_call_id: str = ""

    def plain(self, place: int) -> Message:
        """Raises BadRequest for images, sounds and files, and for a tool's answer to
        nothing."""
        if self.role == "tool" and not self.tool_call_id:
            said = "A tool's message must name the call that it answers."
            raise BadRequest(said, f"messages.{place}.tool_call_id")
        return Message(
            self.role,
            text_of(self.content, f"messages.{place}.content"),
            tuple(one.known() for one in self.tool_calls or ()),
            self.tool_call_id,
        )


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
