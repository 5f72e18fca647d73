"""Embeddings through lollms' own API."""

from __future__ import annotations

from typing import Any

from retrieval.llm.clients import error_bodies, http
from retrieval.llm.clients.http_errors import HTTPX_RULES, translate_errors
from retrieval.llm.config import LOLLMS_HOST, EmbeddingConfig
from retrieval.llm.embeddings.batches import BatchEmbedder, Kind
from retrieval.llm.event_loop import PerEventLoop


class LollmsEmbedder(BatchEmbedder):
    """The embedding model of a lollms server, behind `/lollms_embed`.

    A request has one text and no model: the server's settings select it.
    """

    def __init__(self, config: EmbeddingConfig) -> None:
        super().__init__(config, f"lollms:{config.model}")
        host = config.host or LOLLMS_HOST
        self._label = f"lollms at {host}"
        self._batch_size = 1
        self._clients = PerEventLoop(lambda: http.make(config, host))

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        client = self._clients.pop()
        if client is not None:
            await client.aclose()

    async def _request(self, batch: list[str], kind: Kind) -> list[Any]:
        with translate_errors(self._label, HTTPX_RULES):
            response = await self._clients.get().post(
                "/lollms_embed", json={"text": batch[0]}
            )
            await http.check(response, self._label)
            answer = response.json()
        if not isinstance(answer, dict) or "vector" not in answer:
            raise error_bodies.as_error(answer, self._label)
        return [answer["vector"]]
