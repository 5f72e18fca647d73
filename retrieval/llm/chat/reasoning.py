"""A model's reasoning, put before its answer in `<think>` tags."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


class ReasoningJoiner:
    """Joins the pieces of a stream to `<think>…</think>` followed by the answer."""

    def __init__(self) -> None:
        self._is_open = False
        self.has_answer = False

    def piece(self, reasoning: str, answer: str) -> str:
        """Return the text for a piece of reasoning, of the answer, or both."""
        text = ""
        if reasoning:
            text += reasoning if self._is_open else f"<think>{reasoning}"
            self._is_open = True
        if answer:
            text += self.close() + answer
            self.has_answer = True
        return text

    def close(self) -> str:
        """Return the closing tag if the opening tag was returned, else an empty text."""
        was_open, self._is_open = self._is_open, False
        return "</think>" if was_open else ""


def join(reasoning: str, answer: str) -> str:
    """Return the reasoning and answer of a whole completion as one text."""
    return ReasoningJoiner().piece(reasoning, answer)


def reasoning_of(message: Mapping[str, Any]) -> str:
    """Return the reasoning in a message of OpenAI's API, which has no field for it.

    `reasoning_content` (DeepSeek, vLLM, Qwen) or `reasoning` (OpenRouter, Groq).
    """
    reasoning = message.get("reasoning_content") or message.get("reasoning")
    return reasoning if isinstance(reasoning, str) else ""
