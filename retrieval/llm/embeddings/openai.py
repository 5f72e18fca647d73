"""Embeddings through OpenAI's API: OpenAI, Azure OpenAI and every compatible server."""

from __future__ import annotations

import base64
import logging
from contextlib import suppress
from typing import Any

import numpy as np
from openai import AsyncOpenAI

from retrieval.llm.clients import error_bodies, openai
from retrieval.llm.clients.http_errors import translate_errors
from retrieval.llm.clients.openai_errors import ERROR_RULES
from retrieval.llm.config import EmbeddingConfig
from retrieval.llm.embeddings.batches import BatchEmbedder, Kind
from retrieval.llm.errors import BadAnswer, ContextTooLong, RequestRefused
from retrieval.llm.event_loop import PerEventLoop

logger = logging.getLogger(__name__)


class OpenAIEmbedder(BatchEmbedder):
    """An embedding model behind `/embeddings`."""

    def __init__(self, config: EmbeddingConfig) -> None:
        super().__init__(config, f"{config.binding}:{config.model}")
        self._label = openai.label(config)
        self._encoding: str | None = "base64" if config.use_base64 else "float"
        self._accepts_encoding = False
        self._clients: PerEventLoop[AsyncOpenAI] = PerEventLoop(
            lambda: openai.make(config), AsyncOpenAI.close
        )

    async def aclose(self) -> None:
        """Close the connections of the running event loop."""
        await self._clients.close()

    async def _request(self, batch: list[str], kind: Kind) -> list[Any]:
        """Send one batch, without base64 if the server refuses it."""
        try:
            answer = await self._post(batch, kind, self._encoding)
        except ContextTooLong:
            raise
        except RequestRefused as error:
            if self._encoding is None or self._accepts_encoding:
                raise
            answer = await self._without_encoding(batch, kind, error)
        self._accepts_encoding = True
        return _rows(answer, self._label)

    async def _without_encoding(
        self, batch: list[str], kind: Kind, error: RequestRefused
    ) -> Any:
        """Send the batch with the next simpler encoding; remember it if it works."""
        for encoding in ("float", None) if self._encoding == "base64" else (None,):
            with suppress(RequestRefused):
                answer = await self._post(batch, kind, encoding)
                self._encoding = encoding
                logger.warning(
                    "%s refuses the encoding of vectors that was requested; set "
                    "EMBEDDING_USE_BASE64=false. %s",
                    self._label,
                    error,
                )
                return answer
        raise error

    def _fields(self, kind: Kind) -> dict[str, Any]:
        """Return the provider's own fields of a request."""
        return (
            {"dimensions": self._config.dimensions}
            if self._config.send_dimensions
            else {}
        )

    def _encoding_fields(self, encoding: str) -> dict[str, Any]:
        """Return the field that requests the encoding of vectors."""
        return {"encoding_format": encoding}

    async def _post(self, batch: list[str], kind: Kind, encoding: str | None) -> Any:
        """Return the parsed answer; `encoding` is sent unless it is None.

        The package's own method always sends an encoding, and drops errors in an answer.
        """
        body: dict[str, Any] = {"model": self._config.model, "input": batch}
        if encoding:
            body |= self._encoding_fields(encoding)
        body |= {**self._fields(kind), **self._config.options}
        with translate_errors(self._label, ERROR_RULES):
            return await self._clients.get().post(
                "/embeddings", body=body, cast_to=object
            )


class JinaEmbedder(OpenAIEmbedder):
    """Jina's API: OpenAI's with a `task`, and the encoding under another name."""

    def _fields(self, kind: Kind) -> dict[str, Any]:
        task = "retrieval.query" if kind is Kind.QUERY else "retrieval.passage"
        return {"task": task, "dimensions": self._config.dimensions}

    def _encoding_fields(self, encoding: str) -> dict[str, Any]:
        return {"embedding_type": encoding}


class VoyageEmbedder(OpenAIEmbedder):
    """Voyage AI's API: OpenAI's with an `input_type`."""

    def _fields(self, kind: Kind) -> dict[str, Any]:
        fields: dict[str, Any] = {"input_type": kind.value, "truncation": True}
        if self._config.send_dimensions:
            fields["output_dimension"] = self._config.dimensions
        return fields

    def _encoding_fields(self, encoding: str) -> dict[str, Any]:
        # Numbers are the default, which has no name.
        return {"encoding_format": encoding} if encoding == "base64" else {}


def _rows(answer: Any, label: str) -> list[Any]:
    """Return the vectors in the order of the texts, from the shapes that servers use."""
    data = answer
    if isinstance(answer, dict):
        data = answer.get("data") or answer.get("embeddings") or answer.get("embedding")
    if not isinstance(data, list) or not data:
        if error_bodies.has_error(answer):
            raise error_bodies.as_error(answer, label)
        raise BadAnswer(f"{label}: no vectors in {str(answer)[:300]}")
    if isinstance(data[0], float):
        return [data]
    items = [item if isinstance(item, dict) else {"embedding": item} for item in data]
    indexes = [item.get("index") for item in items]
    if sorted(indexes, key=str) == sorted(range(len(items)), key=str):
        items.sort(key=lambda item: int(item["index"]))
    return [_row(item.get("embedding")) for item in items]


def _row(embedding: Any) -> Any:
    """Decode base64; servers that do not support it send numbers instead."""
    if isinstance(embedding, str):
        return np.frombuffer(base64.b64decode(embedding), "<f4")
    return embedding
