"""What every language model and embedder here can do, and the values that pass."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]
"""Shape (texts, dimensions), each row of length 1."""


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool that a model wants called; `arguments` is JSON as the model wrote it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat.

    An assistant's may hold `tool_calls`; a tool's (role `tool`) names the call it
    answers.
    """

    role: str
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the model may ask its caller to call; `parameters` is a JSON schema."""

    name: str
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    strict: bool = False


@dataclass(frozen=True, slots=True)
class JsonSchema:
    """A shape the answer must have, for providers that can hold a model to it.

    `strict`: in OpenAI's sense, which not every schema can be. `ours`: made here, so that
    a provider's refusal says something of the provider and not of a caller's schema.
    """

    name: str
    schema: Mapping[str, Any]
    strict: bool = True
    ours: bool = True


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What is asked of a chat model.

    `options` override the binding's own for this one request (temperature, stop,
    tool_choice, …, in OpenAI's names).
    """

    messages: tuple[Message, ...]
    json_schema: JsonSchema | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    tools: tuple[Tool, ...] = ()

    @property
    def chars(self) -> int:
        """Characters sent: what a prompt is paid for by."""
        return sum(len(message.content) for message in self.messages)


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole answer. `truncated`: the model stopped at its token limit."""

    text: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    truncated: bool = False
    tool_calls: tuple[ToolCall, ...] = ()


@dataclass(frozen=True, slots=True)
class Ending:
    """How a stream came to its end: all of a Completion but its text.

    Tokens are 0 where the provider does not tell them.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    truncated: bool = False
    tool_calls: tuple[ToolCall, ...] = ()

    def after(self, text: str) -> Completion:
        """The whole answer, of which `text` was streamed."""
        return Completion(
            text,
            self.prompt_tokens,
            self.completion_tokens,
            self.truncated,
            self.tool_calls,
        )


Piece = str | Ending
"""What a stream consists of: words, and one Ending after the last of them."""


class ChatModel(Protocol):
    """A chat model. Errors are those of `retrieval.llm.errors`."""

    @property
    def identity(self) -> str:
        """Binding, model and host: part of every cache key."""

    @property
    def calls_tools(self) -> bool:
        """Whether tools can be offered to it."""

    async def complete(self, request: ChatRequest) -> Completion:
        """The whole answer."""

    def stream(self, request: ChatRequest) -> AsyncGenerator[Piece, None]:
        """The answer piece by piece; reasoning comes wrapped in `<think>…</think>`.

        Words that arrive together are one piece. The last piece is the Ending.
        Close it (`contextlib.aclosing`) when reading ends early: it holds a connection.
        """


class Embedder(Protocol):
    """An embedding model. Errors are those of `retrieval.llm.errors`."""

    @property
    def identity(self) -> str:
        """Binding and model."""

    @property
    def dimensions(self) -> int:
        """Length of one vector."""

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Vectors of passages, in batches of the provider's size, in order."""

    async def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions or keywords."""


class Reranker(Protocol):
    """Scores passages against a question."""

    async def rerank(
        self, query: str, documents: Sequence[str], top_n: int
    ) -> list[tuple[int, float]]:
        """(index into `documents`, score), best first, `top_n` at most."""
