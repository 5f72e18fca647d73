"""Embeddings through Amazon Bedrock: Amazon's Titan and Cohere's Embed."""

from __future__ import annotations

from typing import Any

from retrieval.llm.clients.bedrock import BedrockClient
from retrieval.llm.config import EmbeddingConfig
from retrieval.llm.embeddings.batches import BatchEmbedder, Kind
from retrieval.llm.errors import NotConfigured
from retrieval.llm.event_loop import PerEventLoop

_COHERE_BATCH = 96
"""Texts per request that Cohere accepts."""


class BedrockEmbedder(BatchEmbedder):
    """An embedding model behind `/model/…/invoke`."""

    def __init__(self, config: EmbeddingConfig) -> None:
        """Raise NotConfigured for a model of another kind: each has its own request."""
        super().__init__(config, f"bedrock:{config.model}")
        self._is_cohere = "cohere.embed" in config.model
        if not self._is_cohere and "titan-embed" not in config.model:
            raise NotConfigured(
                f"EMBEDDING_MODEL={config.model} is not supported with bedrock: use a "
                "model whose name contains titan-embed or cohere.embed."
            )
        # Titan accepts one text per request.
        limit = _COHERE_BATCH if self._is_cohere else 1
        self._batch_size = min(self._batch_size, limit)
        self._clients: PerEventLoop[BedrockClient] = PerEventLoop(
            lambda: BedrockClient(config)
        )

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        client = self._clients.pop()
        if client is not None:
            await client.aclose()

    async def _request(self, batch: list[str], kind: Kind) -> list[Any]:
        body = self._cohere(batch, kind) if self._is_cohere else self._titan(batch[0])
        answer = await self._clients.get().post("invoke", body)
        if not self._is_cohere:
            return [answer.get("embedding")]
        rows = answer.get("embeddings") or []
        return rows.get("float") or [] if isinstance(rows, dict) else rows

    def _titan(self, text: str) -> dict[str, Any]:
        body: dict[str, Any] = {"inputText": text}
        if self._config.send_dimensions:
            body["dimensions"] = self._config.dimensions
        return body

    def _cohere(self, batch: list[str], kind: Kind) -> dict[str, Any]:
        body: dict[str, Any] = {
            "texts": batch,
            "input_type": f"search_{kind.value}",
            "truncate": "END",
        }
        if self._config.send_dimensions:
            body["output_dimension"] = self._config.dimensions
        return body
