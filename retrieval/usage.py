"""What an answer cost, in tokens: the provider's own figures, else counted as o200k."""

from __future__ import annotations

from dataclasses import dataclass

from retrieval.events import Answer
from retrieval.llm import tokens
from retrieval.llm.base import ChatRequest


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one model call; none where no model was asked."""

    prompt: int = 0
    completion: int = 0

    @property
    def total(self) -> int:
        return self.prompt + self.completion


def of(answer: Answer) -> Usage:
    """Of a whole answer."""
    completion = answer.completion
    if completion is None:
        return Usage()
    if completion.prompt_tokens or completion.completion_tokens:
        return Usage(completion.prompt_tokens, completion.completion_tokens)
    return counted(answer.asked, answer.text)


def counted(asked: ChatRequest | None, text: str) -> Usage:
    """Of what a model was sent and said: streams bring no figures."""
    if asked is None:
        return Usage()
    prompt = sum(tokens.count(message.content) for message in asked.messages)
    return Usage(prompt, tokens.count(text))
