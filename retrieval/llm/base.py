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
class Message:
    """One message of a chat."""

    role: str
    content: str


@dataclass(frozen=True, slots=True)
class JsonSchema:
    """A shape the answer must have, for providers that can hold a model to it."""

    name: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """What is asked of a chat model.

    `options` override the binding's own for this one request (temperature, stop, …,
    in OpenAI's names).
    """

    messages: tuple[Message, ...]
    json_schema: JsonSchema | None = None
    options: Mapping[str, Any] = field(default_factory=dict)

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


class ChatModel(Protocol):
    """A chat model. Errors are those of `retrieval.llm.errors`."""

    @property
    def identity(self) -> str:
        """Binding, model and host: part of every cache key."""

    async def complete(self, request: ChatRequest) -> Completion:
        """The whole answer."""

    def stream(self, request: ChatRequest) -> AsyncGenerator[str, None]:
        """The answer piece by piece; reasoning comes wrapped in `<think>…</think>`.

        Raises CutOff after its last piece where the model stopped at its token limit.
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
