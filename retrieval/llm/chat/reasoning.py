"""A model's reasoning, which providers send apart, put before its answer in tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class Thinking:
    """Joins the pieces of a stream: `<think>…</think>` and then the answer."""

    def __init__(self) -> None:
        self._inside = False
        self.said_something = False

    def piece(self, thought: str, said: str) -> str:
        """The text for a piece of reasoning, of answer, or both."""
        text = ""
        if thought:
            text += thought if self._inside else f"<think>{thought}"
            self._inside = True
        if said:
            text += self.end() + said
            self.said_something = True
        return text

    def end(self) -> str:
        """The closing tag, where one is due."""
        was_inside, self._inside = self._inside, False
        return "</think>" if was_inside else ""


def joined(thought: str, said: str) -> str:
    """Reasoning and answer of a whole completion."""
    return Thinking().piece(thought, said)


def thought(message: Mapping[str, Any]) -> str:
    """The reasoning in a message of OpenAI's API, which has no field of its own for it.

    `reasoning_content` (DeepSeek, vLLM, Qwen) or `reasoning` (OpenRouter, Groq).
    """
    found = message.get("reasoning_content") or message.get("reasoning")
    return found if isinstance(found, str) else ""
