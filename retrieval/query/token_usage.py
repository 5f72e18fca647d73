"""What an answer cost, in tokens: the provider's own figures, else counted as o200k."""

from __future__ import annotations

from dataclasses import dataclass

from retrieval.llm import tokens
from retrieval.llm.base import ChatRequest, Completion, Ending
from retrieval.query.events import Answer, Finished


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
    return of_call(answer.completion, answer.asked, answer.text)


def of_stream(finished: Finished, text: str) -> Usage:
    """Of an answer that was streamed, whose words are `text`."""
    return of_call(finished.ending, finished.asked, text)


def of_call(
    said: Completion | Ending | None, asked: ChatRequest | None, text: str
) -> Usage:
    """Of one call by what was said, its words in `text`."""
    if asked is None or said is None:
        return Usage()
    if said.prompt_tokens or said.completion_tokens:
        return Usage(said.prompt_tokens, said.completion_tokens)
    prompt = sum(tokens.count(message.content) for message in asked.messages)
    return Usage(prompt, tokens.count(text))
