"""Configuration of the models, read by the bindings.

`lightrag_site.configuration` creates it from the settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ChatConfig:
    """One chat model in one role.

    `binding` is `none` (no model), `openai`, `azure_openai`, `ollama` or `fake`.
    `options` are the provider's own (temperature, num_ctx, …), sent unchanged, or those
    of the stand-in (`retrieval.llm.testing.fake`).
    """

    binding: str = "none"
    model: str = ""
    host: str = ""
    api_key: str = ""
    api_version: str = ""
    timeout: float = 150.0
    max_async: int = 4
    requests_per_minute: int = 0
    tokens_per_minute: int = 0
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EmbeddingConfig:
    """The embedding model; `binding` is `local`, `openai`, `azure_openai`, `ollama` or `fake`."""

    binding: str = "local"
    model: str = "multilingual-e5-small"
    dimensions: int = 384
    host: str = ""
    api_key: str = ""
    api_version: str = ""
    timeout: float = 30.0
    max_async: int = 8
    requests_per_minute: int = 0
    tokens_per_minute: int = 0
    batch_size: int = 10
    token_limit: int = 8192
    send_dimensions: bool = False
    use_base64: bool = True
    query_prefix: str = ""
    document_prefix: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The model's name in `documents_workspace.embedding_model`."""
        return f"{self.binding}:{self.model}"


@dataclass(frozen=True, slots=True)
class RerankConfig:
    """The reranker; `binding` is `null`, `cohere`, `jina` or `aliyun`."""

    binding: str = "null"
    model: str = ""
    host: str = ""
    api_key: str = ""
    timeout: float = 30.0
    max_async: int = 4
    requests_per_minute: int = 0
    by_default: bool = True
    min_score: float = 0.0
