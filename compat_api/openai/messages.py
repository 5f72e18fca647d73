"""OpenAI's messages in all their forms, converted to plain text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from ninja import Schema
from pydantic import BaseModel, Field

from compat_api.openai.errors import BadRequest
from compat_api.openai.tools import MAX_TOOLS, CalledTool
from retrieval.llm.base import Message

TEXT_PARTS = ("text", "input_text", "output_text", "refusal")


class Part(BaseModel):
    """A part of a message's content; only text parts are supported."""

    type: str
    text: str = ""
    refusal: str = ""


class ChatMessage(BaseModel):
    """A message; other keys are ignored."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[Part] | None = None
    tool_calls: list[CalledTool] | None = Field(None, max_length=MAX_TOOLS)
    tool_call_id: str = ""

    def plain(self, position: int, *, is_last: bool) -> Message:
        """Return the message with its text.

        Raises BadRequest for images, audio and files in the last user message, and for a
        tool message without the id of a call. In earlier messages a note replaces them,
        because clients send them again with each message.
        """
        if self.role == "tool" and not self.tool_call_id:
            error = "A tool message needs the 'tool_call_id' of the call it answers."
            raise BadRequest(error, f"messages.{position}.tool_call_id")
        return Message(
            self.role,
            text_of(self.content, f"messages.{position}.content", is_last=is_last),
            tuple(call.as_tool_call() for call in self.tool_calls or ()),
            self.tool_call_id,
        )


class ChatMessages(Schema):
    """The messages of a conversation."""

    messages: list[ChatMessage] = Field(min_length=1, max_length=1024)

    def plain(self) -> list[Message]:
        last = max(
            (n for n, message in enumerate(self.messages) if message.role == "user"),
            default=-1,
        )
        return [
            message.plain(position, is_last=position >= last)
            for position, message in enumerate(self.messages)
        ]


def text_of(
    content: str | Sequence[Part] | None, param: str, *, is_last: bool = True
) -> str:
    """Return the text of a content.

    If `is_last`, raises BadRequest for other parts; otherwise a note replaces them.
    """
    if content is None or isinstance(content, str):
        return content or ""
    texts = []
    for part in content:
        if part.type in TEXT_PARTS:
            texts.append(part.text or part.refusal)
        elif is_last:
            raise BadRequest(f"Only text is supported, not '{part.type}'.", param)
        else:
            texts.append(f"[{part.type} not shown]")
    return "\n".join(texts)
