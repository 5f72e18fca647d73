"""The models that are configured. Kept per process, made anew when settings change."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar, cast

from django.conf import settings

from retrieval.llm import tokens
from retrieval.llm.base import ChatModel, Embedder, Reranker
from retrieval.llm.errors import NotConfigured
from retrieval.llm.registry import bindings

C = TypeVar("C")
M = TypeVar("M")
_made: dict[str, tuple[object, object]] = {}


def prepare() -> None:
    """Make and import all of them now, so that no request waits for it.

    Raises NotConfigured or WrongDimensions, whose words name the setting.
    """
    tokens.count("")
    for model in (extract_chat, keyword_chat, query_chat, embedder, reranker):
        model()


def extract_chat() -> ChatModel | None:
    """The model that reads passages and summarises; None where none is configured.

    It is not tried again here: who ingests does that (`documents.pipeline.llm_retry`).
    """
    return _kept(
        "extract",
        settings.LIGHTRAG.extract_llm,
        partial(bindings.chat, role="extract"),
    )


def keyword_chat() -> ChatModel | None:
    """The model that finds a question's keywords; None where none is configured."""
    return _kept(
        "keyword",
        settings.LIGHTRAG.keyword_llm,
        partial(bindings.retrying_chat, role="keyword"),
    )


def query_chat() -> ChatModel | None:
    """The model that answers questions; None where none is configured."""
    return _kept(
        "query",
        settings.LIGHTRAG.query_llm,
        partial(bindings.retrying_chat, role="query"),
    )


def embedder(label: str = "") -> Embedder:
    """The embedding model; there always is one.

    `label` is a workspace's (`EmbeddingConfig.label`): one that was moved to the model to
    come is served by that one. Raises NotConfigured for one that neither made: vectors of
    two models say nothing to each other.
    """
    here, coming = settings.LIGHTRAG.embedding, settings.LIGHTRAG.next_embedding
    if label in ("", here.label):
        return _kept("embedding", here, bindings.embedder)
    if coming is not None and label == coming.label:
        return _kept("next embedding", coming, bindings.embedder)
    raise NotConfigured(
        f"The workspace's vectors were made by {label}, which is neither EMBEDDING_MODEL "
        f"({here.label}) nor NEXT_EMBEDDING_MODEL here: set it, and restart."
    )


def reranker() -> Reranker | None:
    """The reranker; None where none is configured."""
    return _kept("rerank", settings.LIGHTRAG.rerank, bindings.reranker)


def _kept(role: str, config: C, make: Callable[[C], M]) -> M:
    """The role's model, as long as its configuration is the same object."""
    known = _made.get(role)
    if known is not None and known[0] is config:
        return cast("M", known[1])
    model = make(config)
    _made[role] = (config, model)
    return model
