"""OpenTelemetry spans; they cost nothing if its SDK is not installed.

Names and attributes of model calls follow OpenTelemetry's conventions for generative AI,
which Langfuse and others read. Prompts and answers are not recorded: they may be secret.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import AbstractContextManager, aclosing

from opentelemetry import trace
from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from retrieval.llm.base import (
    ChatModel,
    ChatRequest,
    ChatWrapper,
    Completion,
    Embedder,
    Ending,
    Piece,
    Vectors,
)
from retrieval.llm.errors import LLMError

tracer = trace.get_tracer("lightrag")


def span(
    name: str, attributes: Mapping[str, str | int] | None = None
) -> AbstractContextManager[Span]:
    """Open a span below the current one; an exception raised inside is recorded."""
    return tracer.start_as_current_span(name, attributes=attributes)


class TracedChat(ChatWrapper):
    """A chat model whose requests are spans named `chat <model>`."""

    def __init__(self, model: ChatModel, binding: str, name: str, role: str) -> None:
        super().__init__(model)
        self._name = f"chat {name}"
        self._attributes = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": binding,
            "gen_ai.request.model": name,
            "lightrag.role": role,
        }

    async def complete(self, request: ChatRequest) -> Completion:
        with tracer.start_as_current_span(
            self._name, kind=SpanKind.CLIENT, attributes=self._attributes
        ) as span:
            completion = await self._model.complete(request)
            _record_usage(span, completion)
            return completion

    def stream(self, request: ChatRequest) -> AsyncGenerator[Piece, None]:
        """Return the model's own generator if nothing records the span."""
        span = tracer.start_span(
            self._name, kind=SpanKind.CLIENT, attributes=self._attributes
        )
        pieces = self._model.stream(request)
        return traced_pieces(pieces, span) if span.is_recording() else pieces


async def traced_pieces(
    pieces: AsyncGenerator[Piece, None], span: Span
) -> AsyncGenerator[Piece, None]:
    """Yield `pieces` and end the span with them.

    The span is never the current one: a generator may be closed in another context than
    the one it was started in.
    """
    try:
        async with aclosing(pieces):
            async for piece in pieces:
                if isinstance(piece, Ending):
                    _record_usage(span, piece)
                yield piece
    except LLMError as error:
        span.record_exception(error)
        span.set_status(Status(StatusCode.ERROR, str(error)))
        raise
    finally:
        span.end()


def _record_usage(span: Span, completion: Completion | Ending) -> None:
    span.set_attribute("gen_ai.usage.input_tokens", completion.prompt_tokens)
    span.set_attribute("gen_ai.usage.output_tokens", completion.completion_tokens)


class TracedEmbedder:
    """An embedder whose calls are spans named `embeddings <model>`."""

    def __init__(self, embedder: Embedder, binding: str, name: str) -> None:
        self._embedder = embedder
        self._name = f"embeddings {name}"
        self._attributes = {
            "gen_ai.operation.name": "embeddings",
            "gen_ai.provider.name": binding,
            "gen_ai.request.model": name,
        }

    @property
    def identity(self) -> str:
        return self._embedder.identity

    @property
    def dimensions(self) -> int:
        return self._embedder.dimensions

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        with self._span(texts):
            return await self._embedder.embed_documents(texts)

    async def embed_queries(self, texts: Sequence[str]) -> Vectors:
        with self._span(texts):
            return await self._embedder.embed_queries(texts)

    def _span(self, texts: Sequence[str]) -> AbstractContextManager[Span]:
        return tracer.start_as_current_span(
            self._name,
            kind=SpanKind.CLIENT,
            attributes={**self._attributes, "lightrag.texts": len(texts)},
        )
