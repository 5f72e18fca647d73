"""Models that tell of each request: whom, for what, and how many tokens it took."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import AbstractContextManager, aclosing

from opentelemetry.trace import Span, SpanKind, Status, StatusCode

from retrieval.llm.base import (
    ChatModel,
    ChatRequest,
    Completion,
    Embedder,
    Ending,
    Piece,
    Vectors,
)
from retrieval.llm.calls import spans
from retrieval.llm.errors import LLMError


class TracedChat:
    """A chat model; each request is a span `chat <model>`."""

    def __init__(self, model: ChatModel, binding: str, name: str, role: str) -> None:
        self._model = model
        self._name = f"chat {name}"
        self._attributes = {
            "gen_ai.operation.name": "chat",
            "gen_ai.provider.name": binding,
            "gen_ai.request.model": name,
            "lightrag.role": role,
        }

    @property
    def identity(self) -> str:
        return self._model.identity

    @property
    def calls_tools(self) -> bool:
        return self._model.calls_tools

    async def complete(self, request: ChatRequest) -> Completion:
        with spans.tracer.start_as_current_span(
            self._name, kind=SpanKind.CLIENT, attributes=self._attributes
        ) as span:
            completion = await self._model.complete(request)
            tell(span, completion)
            return completion

    def stream(self, request: ChatRequest) -> AsyncGenerator[Piece, None]:
        """The model's own pieces, at no cost where nobody watches."""
        span = spans.tracer.start_span(
            self._name, kind=SpanKind.CLIENT, attributes=self._attributes
        )
        pieces = self._model.stream(request)
        return watched(pieces, span) if span.is_recording() else pieces


async def watched(
    pieces: AsyncGenerator[Piece, None], span: Span
) -> AsyncGenerator[Piece, None]:
    """`pieces`; the span ends with them. It is nobody's parent: a generator may be
    closed in another context than it began in."""
    try:
        async with aclosing(pieces):
            async for piece in pieces:
                if isinstance(piece, Ending):
                    tell(span, piece)
                yield piece
    except LLMError as error:
        span.record_exception(error)
        span.set_status(Status(StatusCode.ERROR, str(error)))
        raise
    finally:
        span.end()


def tell(span: Span, completion: Completion | Ending) -> None:
    span.set_attribute("gen_ai.usage.input_tokens", completion.prompt_tokens)
    span.set_attribute("gen_ai.usage.output_tokens", completion.completion_tokens)


class TracedEmbedder:
    """An embedder; each call is a span `embeddings <model>`."""

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
        return spans.tracer.start_as_current_span(
            self._name,
            kind=SpanKind.CLIENT,
            attributes={**self._attributes, "lightrag.texts": len(texts)},
        )
