"""Embeddings through OpenAI's API: OpenAI, Azure OpenAI and every compatible server."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
from openai import AsyncOpenAI, omit
from openai.types import CreateEmbeddingResponse

from retrieval.llm.clients import openai
from retrieval.llm.clients.openai_errors import translate_errors
from retrieval.llm.config import EmbeddingConfig
from retrieval.llm.embeddings.batches import BatchEmbedder
from retrieval.llm.errors import BadAnswer
from retrieval.llm.event_loop import PerEventLoop


class OpenAIEmbedder(BatchEmbedder):
    """An embedding model behind `/embeddings`."""

    def __init__(self, config: EmbeddingConfig) -> None:
        super().__init__(config, f"{config.binding}:{config.model}")
        self._label = openai.label(config)
        self._clients: PerEventLoop[AsyncOpenAI] = PerEventLoop(
            lambda: openai.make(config)
        )

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        client = self._clients.pop()
        if client is not None:
            await client.close()

    async def _request(self, batch: list[str]) -> list[Any]:
        dimensions = self._config.dimensions if self._config.send_dimensions else omit
        with translate_errors(self._label):
            answer = await self._clients.get().embeddings.create(
                model=self._config.model,
                input=batch,
                encoding_format="base64" if self._config.use_base64 else "float",
                dimensions=dimensions,
                extra_body=dict(self._config.options),
            )
        return _rows(answer, self._label)


def _rows(answer: CreateEmbeddingResponse, label: str) -> list[Any]:
    data = getattr(answer, "data", None)
    if not data:
        raise BadAnswer(f"{label}: no vectors in {str(answer)[:300]}")
    return [_row(item.embedding) for item in sorted(data, key=lambda d: d.index)]


def _row(embedding: Any) -> Any:
    """Decode base64; servers that do not support it send numbers instead."""
    if isinstance(embedding, str):
        return np.frombuffer(base64.b64decode(embedding), "<f4")
    return embedding
