"""How to reach the models: read by the bindings, filled by lightrag_site.configuration.config."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class ChatConfig:
    """One chat model in one role.

    `binding` is `none` (nothing configured), `openai`, `azure_openai`, `ollama`, `fake`
    or `replay`; `options` are the provider's own (temperature, num_ctx, …), sent as they
    are, or those of the stand-in (`retrieval.llm.testing.fake`, `retrieval.llm.testing.replay`).
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
        """What a workspace keeps of it: `documents_workspace.embedding_model`."""
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
