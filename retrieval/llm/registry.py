"""The models that are configured. Kept per process, made anew when settings change."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar, cast

from django.conf import settings

from retrieval.llm import replay_data, rerank
from retrieval.llm.base import ChatModel, Embedder, Reranker
from retrieval.llm.config import ChatConfig, EmbeddingConfig, RerankConfig
from retrieval.llm.errors import NotConfigured
from retrieval.llm.fake import FakeChat, FakeEmbedder
from retrieval.llm.limiter import LimitedChat, Limiter
from retrieval.llm.local import LocalEmbedder
from retrieval.llm.ollama import OllamaChat
from retrieval.llm.ollama_embedding import OllamaEmbedder
from retrieval.llm.openai import OpenAIChat
from retrieval.llm.openai_embedding import OpenAIEmbedder
from retrieval.llm.replay import ReplayChat
from retrieval.llm.rerank import HttpReranker
from retrieval.llm.retrying import RetryingChat

C = TypeVar("C")
M = TypeVar("M")
NO_BINDING = ("", "none", "null")
_made: dict[str, tuple[object, object]] = {}


def extract_chat() -> ChatModel | None:
    """The model that reads passages; None where none is configured.

    It is not tried again here: who ingests retries each chunk and accounts for it.
    """
    return _kept("extract", settings.LIGHTRAG.extract_llm, chat)


def summary_chat() -> ChatModel | None:
    """The same model under the same limit, tried again when it fails for a moment."""
    model = extract_chat()
    return RetryingChat(model) if model else None


def keyword_chat() -> ChatModel | None:
    """The model that finds a question's keywords; None where none is configured."""
    return _kept("keyword", settings.LIGHTRAG.keyword_llm, retrying_chat)


def query_chat() -> ChatModel | None:
    """The model that answers questions; None where none is configured."""
    return _kept("query", settings.LIGHTRAG.query_llm, retrying_chat)


def embedder() -> Embedder:
    """The embedding model; there always is one."""
    return _kept("embedding", settings.LIGHTRAG.embedding, embedding)


def reranker() -> Reranker | None:
    """The reranker; None where none is configured."""
    return _kept("rerank", settings.LIGHTRAG.rerank, reranking)


def _kept(role: str, config: C, make: Callable[[C], M]) -> M:
    """The role's model, as long as its configuration is the same object."""
    known = _made.get(role)
    if known is not None and known[0] is config:
        return cast("M", known[1])
    model = make(config)
    _made[role] = (config, model)
    return model


def chat(config: ChatConfig) -> ChatModel | None:
    """A chat model under its own limit; raises NotConfigured for an unknown binding."""
    if config.binding in NO_BINDING:
        return None
    make = _known(_CHATS, config.binding, "LLM_BINDING")
    return LimitedChat(make(config), Limiter(config.max_async))


def retrying_chat(config: ChatConfig) -> ChatModel | None:
    """`chat`, tried again when it fails for a moment, its slot free meanwhile."""
    model = chat(config)
    return RetryingChat(model) if model else None


def embedding(config: EmbeddingConfig) -> Embedder:
    """An embedder; raises NotConfigured for an unknown binding."""
    return _known(_EMBEDDERS, config.binding, "EMBEDDING_BINDING")(config)


def reranking(config: RerankConfig) -> Reranker | None:
    """A reranker; raises NotConfigured for an unknown binding."""
    if config.binding in NO_BINDING:
        return None
    return _known(_RERANKERS, config.binding, "RERANK_BINDING")(config)


def _known(makers: dict[str, M], binding: str, setting: str) -> M:
    if binding not in makers:
        names = ", ".join(sorted(makers))
        raise NotConfigured(f"{setting}={binding} is not known: use one of {names}.")
    return makers[binding]


def _fake_chat(config: ChatConfig) -> ChatModel:
    """`options["chat"]`: a FakeChat made beforehand, so that a test can look into it."""
    ready: ChatModel | None = config.options.get("chat")
    return ready or FakeChat(
        latency=config.options.get("latency", 0.0),
        token_latency=config.options.get("token_latency", 0.0),
        identity=f"fake:{config.model or 'chat'}",
    )


def _replay_chat(config: ChatConfig) -> ChatModel:
    options = config.options
    index = replay_data.index(options.get("medical", ""), options.get("musique", ""))
    return ReplayChat(index, options.get("latency", 0.0), options.get("log", ""))


def _fake_embedder(config: EmbeddingConfig) -> Embedder:
    """`options["embedder"]`: a FakeEmbedder made beforehand."""
    ready: Embedder | None = config.options.get("embedder")
    return ready or FakeEmbedder(
        config.dimensions, latency=config.options.get("latency", 0.0)
    )


_CHATS: dict[str, Callable[[ChatConfig], ChatModel]] = {
    "openai": OpenAIChat,
    "azure_openai": OpenAIChat,
    "ollama": OllamaChat,
    "fake": _fake_chat,
    "replay": _replay_chat,
}
_EMBEDDERS: dict[str, Callable[[EmbeddingConfig], Embedder]] = {
    "local": LocalEmbedder,
    "openai": OpenAIEmbedder,
    "azure_openai": OpenAIEmbedder,
    "ollama": OllamaEmbedder,
    "fake": _fake_embedder,
}
_RERANKERS: dict[str, Callable[[RerankConfig], Reranker]] = dict.fromkeys(
    rerank.DIALECTS, HttpReranker
)
