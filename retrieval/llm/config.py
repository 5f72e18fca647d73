"""Configuration of the models, read by the bindings.

`lightrag_site.configuration` creates it from the settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LOLLMS_HOST = "http://localhost:9600"


@dataclass(frozen=True, slots=True)
class AwsConfig:
    """The region and credentials of Amazon Bedrock.

    What is empty is looked up as Amazon's own programs do: in the environment, in the files
    of a profile, and in the metadata of the machine.
    """

    region: str = ""
    profile: str = ""
    access_key_id: str = field(default="", repr=False)
    secret_access_key: str = field(default="", repr=False)
    session_token: str = field(default="", repr=False)
    bearer_token: str = field(default="", repr=False)


def bedrock_address(region: str) -> str:
    """Return the URL of Amazon Bedrock's runtime API in a region."""
    return f"https://bedrock-runtime.{region}.amazonaws.com"


@dataclass(frozen=True, slots=True)
class ChatConfig:
    """One chat model in one role.

    `binding` is `none` (no model) or a name in `retrieval.llm.registry.bindings.CHATS`.
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
    aws: AwsConfig = field(default_factory=AwsConfig)
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class EmbeddingConfig:
    """The embedding model; `binding` is a name in `registry.bindings.EMBEDDERS`."""

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
    aws: AwsConfig = field(default_factory=AwsConfig)
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
