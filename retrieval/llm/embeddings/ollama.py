"""Embeddings by Ollama's own API."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ollama import AsyncClient

from retrieval.llm.base import Vectors
from retrieval.llm.clients import ollama
from retrieval.llm.clients.ollama import mapped
from retrieval.llm.clients.per_loop import PerLoop
from retrieval.llm.config import EmbeddingConfig
from retrieval.llm.embeddings.batches import Batches


class OllamaEmbedder:
    """An embedding model behind `/api/embed`."""

    def __init__(self, config: EmbeddingConfig) -> None:
        self._config = config
        self._where = ollama.where(config)
        self._clients: PerLoop[AsyncClient] = PerLoop(lambda: ollama.make(config))
        self._batches = Batches(config, self._ask)
        self.identity = f"ollama:{config.model}"
        self.dimensions = config.dimensions

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return await self._batches.embed(texts, self._config.document_prefix)

    async def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return await self._batches.embed(texts, self._config.query_prefix)

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        client = self._clients.pop()
        if client is not None:
            await client.close()  # type: ignore[no-untyped-call]

    async def _ask(self, batch: list[str]) -> Any:
        options = dict(self._config.options)
        keep_alive = options.pop("keep_alive", None)
        with mapped(self._where):
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
