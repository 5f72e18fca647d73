"""Token usage of answers: the provider's figures, or counts of our tokenizer (o200k)."""

from __future__ import annotations

from dataclasses import dataclass

from retrieval.llm import tokens
from retrieval.llm.base import ChatRequest, Completion, Ending
from retrieval.query.events import Answer, Finished


@dataclass(frozen=True, slots=True)
class Usage:
    """Tokens of one model call; 0 if no model was called."""

    prompt: int = 0
    completion: int = 0

    @property
    def total(self) -> int:
        return self.prompt + self.completion


def of(answer: Answer) -> Usage:
    """Return the usage of a whole answer."""
    return of_call(answer.completion, answer.request, answer.text)


def of_stream(finished: Finished, text: str) -> Usage:
    """Return the usage of a streamed answer with this `text`."""
    return of_call(finished.ending, finished.request, text)


def of_call(
    result: Completion | Ending | None, request: ChatRequest | None, text: str
) -> Usage:
    """Return the usage of one call whose answer is `text`."""
    if request is None or result is None:
        return Usage()
    if result.prompt_tokens or result.completion_tokens:
        return Usage(result.prompt_tokens, result.completion_tokens)
    prompt = sum(tokens.count(message.content) for message in request.messages)
    return Usage(prompt, tokens.count(text))
