"""A chat model whose answers are noted, so that they can be accounted for afterwards."""

from __future__ import annotations

from collections.abc import AsyncGenerator

from retrieval.llm.base import ChatModel, ChatRequest, Completion, Piece


class MeteredChat:
    """Passes everything on; `calls` are the whole answers it brought."""

    def __init__(self, model: ChatModel) -> None:
        self._model = model
        self.calls: list[tuple[ChatRequest, Completion]] = []

    @property
    def identity(self) -> str:
        return self._model.identity

    @property
    def calls_tools(self) -> bool:
        return self._model.calls_tools

    async def complete(self, request: ChatRequest) -> Completion:
        completion = await self._model.complete(request)
        self.calls.append((request, completion))
        return completion

    def stream(self, request: ChatRequest) -> AsyncGenerator[Piece, None]:
        """Streams bring no figures, so they are not noted."""
        return self._model.stream(request)
