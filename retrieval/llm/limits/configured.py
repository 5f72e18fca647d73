"""The limits of the configured models."""

from __future__ import annotations

from retrieval.llm.config import ChatConfig, EmbeddingConfig, RerankConfig
from retrieval.llm.limits.limiter import Limiter
from retrieval.llm.limits.shared_limits import ProviderLimits, Rules

IN_PROCESS = frozenset({"fake", "local"})
"""Bindings that run in each process and share no limit."""


def of_chat(config: ChatConfig, role: str) -> Limiter:
    """Return the limits of a chat model; `role` is `extract`, `keyword` or `query`."""
    rules = Rules(
        f"{config.binding} {config.model} at {config.host}",
        role,
        config.max_async,
        config.requests_per_minute,
        config.tokens_per_minute,
    )
    return _limiter(config.binding, rules)


def of_embedding(config: EmbeddingConfig) -> Limiter:
    """Return the limits of the embedding model, shared by questions and chunks."""
    rules = Rules(
        f"{config.binding} {config.model} at {config.host}",
        "embedding",
        config.max_async,
        config.requests_per_minute,
        config.tokens_per_minute,
    )
    return _limiter(config.binding, rules)


def of_rerank(config: RerankConfig) -> Limiter:
    """Return the limits of the reranker, which only questions use."""
    rules = Rules(
        f"{config.binding} {config.model} at {config.host}",
        "rerank",
        config.max_async,
        config.requests_per_minute,
    )
    return _limiter(config.binding, rules)


def _limiter(binding: str, rules: Rules) -> Limiter:
    shared = None if binding in IN_PROCESS else ProviderLimits(rules)
    return Limiter(rules.max_async, shared)
