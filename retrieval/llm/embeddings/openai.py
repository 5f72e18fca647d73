"""Embeddings by OpenAI's API: OpenAI, Azure OpenAI and every compatible server."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from typing import Any

import numpy as np
from openai import AsyncOpenAI, omit
from openai.types import CreateEmbeddingResponse

from retrieval.llm.base import Vectors
from retrieval.llm.clients import openai
from retrieval.llm.clients.openai_errors import mapped
from retrieval.llm.clients.per_loop import PerLoop
from retrieval.llm.config import EmbeddingConfig
from retrieval.llm.embeddings.batches import Batches
from retrieval.llm.errors import BadAnswer


class OpenAIEmbedder:
    """An embedding model behind `/embeddings`."""

    def __init__(self, config: EmbeddingConfig) -> None:
        self._config = config
        self._where = openai.where(config)
        self._clients: PerLoop[AsyncOpenAI] = PerLoop(lambda: openai.make(config))
        self._batches = Batches(config, self._ask)
        self.identity = f"{config.binding}:{config.model}"
        self.dimensions = config.dimensions

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return await self._batches.embed(texts, self._config.document_prefix)

    async def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return await self._batches.embed(texts, self._config.query_prefix)

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        client = self._clients.pop()
        if client is not None:
            await client.close()

    async def _ask(self, batch: list[str]) -> list[Any]:
        sized = self._config.dimensions if self._config.send_dimensions else omit
        with mapped(self._where):
            answer = await self._clients.get().embeddings.create(
                model=self._config.model,
                input=batch,
                encoding_format="base64" if self._config.use_base64 else "float",
                dimensions=sized,
                extra_body=dict(self._config.options),
            )
        return _rows(answer, self._where)


def _rows(answer: CreateEmbeddingResponse, where: str) -> list[Any]:
    data = getattr(answer, "data", None)
    if not data:
        raise BadAnswer(f"{where}: no vectors in {str(answer)[:300]}")
    return [_numbers(item.embedding) for item in sorted(data, key=lambda d: d.index)]


def _numbers(embedding: Any) -> Any:
    """Servers that do not know base64 send numbers all the same."""
    if isinstance(embedding, str):
        return np.frombuffer(base64.b64decode(embedding), "<f4")
    return embedding
