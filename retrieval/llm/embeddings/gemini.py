"""Embeddings through Google's Gemini API."""

from __future__ import annotations

from typing import Any, cast

from google import genai
from google.genai import types

from retrieval.llm.clients import gemini
from retrieval.llm.clients.gemini import ERROR_RULES
from retrieval.llm.clients.http_errors import translate_errors
from retrieval.llm.config import EmbeddingConfig
from retrieval.llm.embeddings.batches import BatchEmbedder, Kind
from retrieval.llm.event_loop import PerEventLoop

_TASKS = {Kind.DOCUMENT: "RETRIEVAL_DOCUMENT", Kind.QUERY: "RETRIEVAL_QUERY"}


class GeminiEmbedder(BatchEmbedder):
    """An embedding model behind `models/…:batchEmbedContents`."""

    def __init__(self, config: EmbeddingConfig) -> None:
        super().__init__(config, f"gemini:{config.model}")
        self._label = gemini.label(config)
        self._clients: PerEventLoop[genai.Client] = PerEventLoop(
            lambda: gemini.make(config)
        )

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        client = self._clients.pop()
        if client is not None:
            await client.aio.aclose()

    async def _request(self, batch: list[str], kind: Kind) -> list[Any]:
        with translate_errors(self._label, ERROR_RULES):
            answer = await self._clients.get().aio.models.embed_content(
                model=self._config.model,
                contents=cast("Any", batch),
                config=types.EmbedContentConfig(
                    task_type=_TASKS[kind],
                    output_dimensionality=self._config.dimensions,
                ),
            )
        return [item.values for item in answer.embeddings or ()]
