"""Interfaces of chat models, embedders and rerankers, and the values they exchange."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

Vectors: TypeAlias = "NDArray[np.float32]"
"""Shape (texts, dimensions); each row has length 1."""
IMAGE_CHARS = 4000
"""Characters that an image counts as in an estimate: about 1,000 tokens."""


@dataclass(frozen=True, slots=True)
class MessageImage:
    """An image in a message to a vision model."""

    content: bytes = field(repr=False)
    media_type: str

    @property
    def digest(self) -> str:
        """SHA-256 of the content, hex; used in cache keys in place of the image."""
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool call requested by a model; `arguments` is JSON as the model wrote it."""

    id: str
    name: str
    arguments: str


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a chat.

    An assistant message may have `tool_calls`; a message of role `tool` has the
    `tool_call_id` of the call it answers. A user message may have `images`.
    """

    role: str
    content: str
    tool_calls: tuple[ToolCall, ...] = ()
    tool_call_id: str = ""
    images: tuple[MessageImage, ...] = ()


@dataclass(frozen=True, slots=True)
class Tool:
    """A function that the model may request; `parameters` is a JSON schema."""

    name: str
    description: str = ""
    parameters: Mapping[str, Any] = field(default_factory=dict)
    strict: bool = False


@dataclass(frozen=True, slots=True)
class JsonSchema:
    """The required shape of an answer, for providers that can enforce it.

    `strict` has OpenAI's meaning; not every schema can be strict. `ours` is true if
    this program defined the schema: a provider that refuses it does not support
    schemas, whereas a caller's schema may be invalid.
    """

    name: str
    schema: Mapping[str, Any]
    strict: bool = True
    ours: bool = True


@dataclass(frozen=True, slots=True)
class ChatRequest:
    """One request to a chat model.

    `options` override the binding's own for this request (temperature, stop,
    tool_choice, …, in OpenAI's names); `defaults` are used where neither sets a value.
    With `max_chars` a whole answer is requested as a stream, so that a slow model does
    not reach the timeout while it writes, and is cut (`truncated`) at that length.
    """

    messages: tuple[Message, ...]
    json_schema: JsonSchema | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    tools: tuple[Tool, ...] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    max_chars: int = 0

    @property
    def wants_json(self) -> bool:
        """Whether the answer must be JSON."""
        requested = self.options.get("response_format") or {}
        return self.json_schema is not None or requested.get("type") == "json_object"

    @property
    def chars(self) -> int:
        """Number of characters in all messages, for an estimate of the tokens."""
        return sum(
            len(message.content) + IMAGE_CHARS * len(message.images)
            for message in self.messages
        )


@dataclass(frozen=True, slots=True)
class Completion:
    """A whole answer. `truncated`: the model stopped at its token limit.

    `reasoning` is what the model wrote before its answer; it is never part of `text`.
    """

    text: str
    prompt_tokens: int = 0
    completion_tokens: int = 0
    truncated: bool = False
    tool_calls: tuple[ToolCall, ...] = ()
    reasoning: str = ""


@dataclass(frozen=True, slots=True)
class Ending:
    """The last item of a stream: everything of a Completion except its text.

    Token counts are 0 if the provider does not report them.
    """

    prompt_tokens: int = 0
    completion_tokens: int = 0
    truncated: bool = False
    tool_calls: tuple[ToolCall, ...] = ()

    def after(self, text: str, reasoning: str = "") -> Completion:
        """Return the whole answer, given the `text` that was streamed."""
        return Completion(
            text,
            self.prompt_tokens,
            self.completion_tokens,
            self.truncated,
            self.tool_calls,
            reasoning,
        )


@dataclass(frozen=True, slots=True)
class Reasoning:
    """A piece of the reasoning that a model writes before its answer."""

    text: str


Piece = str | Reasoning | Ending
"""An item of a stream: text of the answer, reasoning, or the Ending as the last item."""


class ChatModel(Protocol):
    """A chat model. Its errors are those of `retrieval.llm.errors`."""

    @property
    def identity(self) -> str:
        """Binding, model and host: part of every cache key."""

    @property
    def calls_tools(self) -> bool:
        """Whether tools can be offered to the model."""

    async def complete(self, request: ChatRequest) -> Completion:
        """Return the whole answer."""

    def stream(self, request: ChatRequest) -> AsyncGenerator[Piece, None]:
        """Yield the answer in pieces, its reasoning as Reasoning.

        Text that arrives together is one piece. The last piece is the Ending. Close the
        generator (`contextlib.aclosing`) if you stop early: it holds a connection.
        """


class ChatWrapper:
    """Base of chat models that add something to another chat model."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model

    @property
    def identity(self) -> str:
        """The wrapped model's identity."""
        return self._model.identity

    @property
    def calls_tools(self) -> bool:
        """Whether the wrapped model accepts tools."""
        return self._model.calls_tools


class Embedder(Protocol):
    """An embedding model. Its errors are those of `retrieval.llm.errors`."""

    @property
    def identity(self) -> str:
        """Binding and model."""

    @property
    def dimensions(self) -> int:
        """Length of one vector."""

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        """Return vectors of chunks, in order."""

    async def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Return vectors of questions or keywords, in order."""


class Reranker(Protocol):
    """A model that scores chunks against a question."""

    async def rerank(
        self, query: str, documents: Sequence[str], top_n: int
    ) -> list[tuple[int, float]]:
        """Return (index into `documents`, score), best first, at most `top_n`."""
