"""Embeddings through Ollama's own API."""

from __future__ import annotations

from typing import Any

from ollama import AsyncClient

from retrieval.llm.clients import ollama
from retrieval.llm.clients.http_errors import translate_errors
from retrieval.llm.clients.ollama import ERROR_RULES
from retrieval.llm.config import EmbeddingConfig
from retrieval.llm.embeddings.batches import BatchEmbedder, Kind
from retrieval.llm.event_loop import PerEventLoop


class OllamaEmbedder(BatchEmbedder):
    """An embedding model behind `/api/embed`."""

    def __init__(self, config: EmbeddingConfig) -> None:
        super().__init__(config, f"ollama:{config.model}")
        self._label = ollama.label(config)
        self._clients: PerEventLoop[AsyncClient] = PerEventLoop(
            lambda: ollama.make(config)
        )

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        client = self._clients.pop()
        if client is not None:
            await client.close()  # type: ignore[no-untyped-call]

    async def _request(self, batch: list[str], kind: Kind) -> Any:
        options = dict(self._config.options)
        keep_alive = options.pop("keep_alive", None)
        with translate_errors(self._label, ERROR_RULES):
            answer = await self._clients.get().embed(
                model=self._config.model,
                input=batch,
                options=options,
                keep_alive=keep_alive,
                dimensions=(
                    self._config.dimensions if self._config.send_dimensions else None
                ),
            )
        return answer.embeddings
