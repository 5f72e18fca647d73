"""The bindings by name, and models made of their configuration.

A binding is named by its path and imported when it is configured: the providers'
packages take a second to import, and every management command would wait for them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from django.utils.module_loading import import_string

from retrieval.llm.base import ChatModel, Embedder, Reranker
from retrieval.llm.calls.retrying import RetryingChat
from retrieval.llm.calls.tracing import TracedChat, TracedEmbedder
from retrieval.llm.config import ChatConfig, EmbeddingConfig, RerankConfig
from retrieval.llm.errors import NotConfigured
from retrieval.llm.limits import configured
from retrieval.llm.limits.limiter import LimitedChat

NOTHING = ("", "none", "null")
CHATS = {
    "openai": "retrieval.llm.chat.openai.OpenAIChat",
    "azure_openai": "retrieval.llm.chat.openai.OpenAIChat",
    "ollama": "retrieval.llm.chat.ollama.OllamaChat",
    "fake": "retrieval.llm.testing.fake.configured_chat",
}
EMBEDDERS = {
    "local": "retrieval.llm.embeddings.local.LocalEmbedder",
    "openai": "retrieval.llm.embeddings.openai.OpenAIEmbedder",
    "azure_openai": "retrieval.llm.embeddings.openai.OpenAIEmbedder",
    "ollama": "retrieval.llm.embeddings.ollama.OllamaEmbedder",
    "fake": "retrieval.llm.testing.fake.configured_embedder",
}
RERANKERS = {
    "cohere": "retrieval.llm.rerank.api.HttpReranker",
    "jina": "retrieval.llm.rerank.api.HttpReranker",
    "aliyun": "retrieval.llm.rerank.api.HttpReranker",
}


def chat(config: ChatConfig, role: str) -> ChatModel | None:
    """A chat model under its role's limit; raises NotConfigured for an unknown binding."""
    if config.binding in NOTHING:
        return None
    make: Callable[[ChatConfig], ChatModel]
    make = _maker(CHATS, config.binding, "LLM_BINDING")
    traced = TracedChat(make(config), config.binding, config.model, role)
    return LimitedChat(traced, configured.of_chat(config, role))


def retrying_chat(config: ChatConfig, role: str) -> ChatModel | None:
    """`chat`, tried again when it fails for a moment, its slot free meanwhile."""
    model = chat(config, role)
    return RetryingChat(model) if model else None


def embedder(config: EmbeddingConfig) -> Embedder:
    """An embedder; raises NotConfigured or WrongDimensions."""
    make: Callable[[EmbeddingConfig], Embedder]
    make = _maker(EMBEDDERS, config.binding, "EMBEDDING_BINDING")
    return TracedEmbedder(make(config), config.binding, config.model)


def reranker(config: RerankConfig) -> Reranker | None:
    """A reranker; raises NotConfigured for an unknown binding."""
    if config.binding in NOTHING:
        return None
    make: Callable[[RerankConfig], Reranker]
    make = _maker(RERANKERS, config.binding, "RERANK_BINDING")
    return make(config)


def _maker(paths: Mapping[str, str], binding: str, setting: str) -> Any:
    if binding not in paths:
        names = ", ".join(sorted(paths))
        raise NotConfigured(f"{setting}={binding} is not known: use one of {names}.")
    return import_string(paths[binding])
