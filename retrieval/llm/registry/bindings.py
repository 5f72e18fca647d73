"""The bindings by name, and models created from their configuration.

A binding is imported when it is configured: the providers' packages take a second to
import, which every management command would have to wait for.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import Any

from django.utils.module_loading import import_string

from retrieval.llm.base import ChatModel, Embedder, Reranker
from retrieval.llm.calls.retrying import RetryingChat
from retrieval.llm.calls.tracing import TracedChat, TracedEmbedder
from retrieval.llm.config import ChatConfig, EmbeddingConfig, RerankConfig
from retrieval.llm.errors import NotConfigured
from retrieval.llm.limits import limited_calls
from retrieval.llm.limits.limited_calls import LimitedChat

NO_MODEL = ("", "none", "null")
CHATS = {
    "openai": "retrieval.llm.chat.openai.OpenAIChat",
    "azure_openai": "retrieval.llm.chat.openai.OpenAIChat",
    "ollama": "retrieval.llm.chat.ollama.OllamaChat",
    "gemini": "retrieval.llm.chat.gemini.GeminiChat",
    "bedrock": "retrieval.llm.chat.bedrock.BedrockChat",
    "lollms": "retrieval.llm.chat.lollms.LollmsChat",
    "fake": "retrieval.llm.testing.fake.configured_chat",
}
EMBEDDERS = {
    "local": "retrieval.llm.embeddings.local.LocalEmbedder",
    "openai": "retrieval.llm.embeddings.openai.OpenAIEmbedder",
    "azure_openai": "retrieval.llm.embeddings.openai.OpenAIEmbedder",
    "ollama": "retrieval.llm.embeddings.ollama.OllamaEmbedder",
    "gemini": "retrieval.llm.embeddings.gemini.GeminiEmbedder",
    "bedrock": "retrieval.llm.embeddings.bedrock.BedrockEmbedder",
    "lollms": "retrieval.llm.embeddings.lollms.LollmsEmbedder",
    "jina": "retrieval.llm.embeddings.openai.JinaEmbedder",
    "voyageai": "retrieval.llm.embeddings.openai.VoyageEmbedder",
    "fake": "retrieval.llm.testing.fake.configured_embedder",
}
OPTIONAL_PACKAGES = {"gemini": "google.genai", "bedrock": "botocore"}
"""Packages of bindings that are extras; those of the other bindings are always installed."""
RERANKERS = {
    "cohere": "retrieval.llm.rerank.api.HttpReranker",
    "jina": "retrieval.llm.rerank.api.HttpReranker",
    "aliyun": "retrieval.llm.rerank.api.HttpReranker",
}


def chat(config: ChatConfig, role: str) -> ChatModel | None:
    """Return a traced chat model under its role's limit, or None without a binding.

    Raises NotConfigured for an unknown binding.
    """
    if config.binding in NO_MODEL:
        return None
    create: Callable[[ChatConfig], ChatModel]
    create = _binding(CHATS, config.binding, "LLM_BINDING")
    traced = TracedChat(create(config), config.binding, config.model, role)
    return LimitedChat(traced, limited_calls.of_chat(config, role))


def retrying_chat(config: ChatConfig, role: str) -> ChatModel | None:
    """Return `chat` with retries; no slot is held between two tries."""
    model = chat(config, role)
    return RetryingChat(model) if model else None


def embedder(config: EmbeddingConfig) -> Embedder:
    """Return a traced embedder. Raises NotConfigured or WrongDimensions."""
    create: Callable[[EmbeddingConfig], Embedder]
    create = _binding(EMBEDDERS, config.binding, "EMBEDDING_BINDING")
    return TracedEmbedder(create(config), config.binding, config.model)


def reranker(config: RerankConfig) -> Reranker | None:
    """Return a reranker, or None without a binding.

    Raises NotConfigured for an unknown binding.
    """
    if config.binding in NO_MODEL:
        return None
    create: Callable[[RerankConfig], Reranker]
    create = _binding(RERANKERS, config.binding, "RERANK_BINDING")
    return create(config)


def check(paths: Mapping[str, str], binding: str, setting: str) -> None:
    """Raise NotConfigured for an unknown binding or a missing package, without importing it."""
    if binding in NO_MODEL:
        return
    if binding not in paths:
        names = ", ".join(sorted(paths))
        raise NotConfigured(f"{setting}={binding} is unknown: use one of {names}.")
    package = OPTIONAL_PACKAGES.get(binding)
    if package and not _is_installed(package):
        raise NotConfigured(
            f"{setting}={binding} needs the package {package}, which is not installed: "
            f"pip install 'lightrag-django[{binding}]'."
        )


def _is_installed(package: str) -> bool:
    try:
        return find_spec(package) is not None
    except ModuleNotFoundError:  # of the package's parent
        return False


def _binding(paths: Mapping[str, str], binding: str, setting: str) -> Any:
    check(paths, binding, setting)
    return import_string(paths[binding])
