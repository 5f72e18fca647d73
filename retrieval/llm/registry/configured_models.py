"""The configured models, one per role and process, recreated if the settings change."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from threading import Lock
from typing import TypeVar, cast

from django.conf import settings

from retrieval.llm import tokens
from retrieval.llm.base import ChatModel, Embedder, Reranker
from retrieval.llm.errors import NotConfigured
from retrieval.llm.registry import bindings

C = TypeVar("C")
M = TypeVar("M")
_models: dict[str, tuple[object, object]] = {}
_preparing = Lock()


def prepare() -> None:
    """Create all models now, and import their packages.

    Raises NotConfigured or WrongDimensions; the message names the setting.
    """
    with _preparing:
        for model in (
            *(extract_chat, keyword_chat, query_chat, vision_chat),
            *(embedder, reranker),
        ):
            model()


def check() -> None:
    """Check the bindings without importing the providers' packages.

    Raises NotConfigured or WrongDimensions; the message names the setting.
    """
    lightrag = settings.LIGHTRAG
    for config in (lightrag.extract_llm, lightrag.keyword_llm, lightrag.query_llm):
        bindings.check(bindings.CHATS, config.binding, "LLM_BINDING")
    if lightrag.ingest.vlm:
        bindings.check(bindings.CHATS, lightrag.vlm_llm.binding, "VLM_LLM_BINDING")
    bindings.check(bindings.EMBEDDERS, lightrag.embedding.binding, "EMBEDDING_BINDING")
    bindings.check(bindings.RERANKERS, lightrag.rerank.binding, "RERANK_BINDING")
    if lightrag.embedding.binding == "local":
        embedder()  # checks the dimensions, and does not load the model


async def load() -> None:
    """Load the models and the tokenizer of a process that has not used them.

    A web process loads them with its first question, which saves 90 MB until then. The
    imports take a second and run in a thread, so that other requests do not wait.
    """
    if not _models:
        await asyncio.to_thread(_load)


def _load() -> None:
    tokens.count("")
    prepare()


def extract_chat() -> ChatModel | None:
    """Return the model for extraction and summaries, or None if there is none.

    It does not retry; the pipeline does (`documents.pipeline.chunk_retry`).
    """
    return _model(
        "extract",
        settings.LIGHTRAG.extract_llm,
        partial(bindings.chat, role="extract"),
    )


def keyword_chat() -> ChatModel | None:
    """Return the model that extracts a question's keywords, or None if there is none."""
    return _model(
        "keyword",
        settings.LIGHTRAG.keyword_llm,
        partial(bindings.retrying_chat, role="keyword"),
    )


def query_chat() -> ChatModel | None:
    """Return the model that answers questions, or None if there is none."""
    return _model(
        "query",
        settings.LIGHTRAG.query_llm,
        partial(bindings.retrying_chat, role="query"),
    )


def vision_chat() -> ChatModel | None:
    """Return the model that describes images, or None unless VLM_PROCESS_ENABLE is set.

    It does not retry; the pipeline does (`documents.pipeline.chunk_retry`).
    """
    if not settings.LIGHTRAG.ingest.vlm:
        return None
    return _model("vlm", settings.LIGHTRAG.vlm_llm, partial(bindings.chat, role="vlm"))


def embedder(label: str = "") -> Embedder:
    """Return the embedding model; there always is one.

    `label` is a workspace's model (`EmbeddingConfig.label`): EMBEDDING_MODEL or, if the
    workspace was migrated, NEXT_EMBEDDING_MODEL. Raises NotConfigured for any other
    model, because vectors of two models can't be compared.
    """
    current, upcoming = settings.LIGHTRAG.embedding, settings.LIGHTRAG.next_embedding
    if label in ("", current.label):
        return _model("embedding", current, bindings.embedder)
    if upcoming is not None and label == upcoming.label:
        return _model("next embedding", upcoming, bindings.embedder)
    raise NotConfigured(
        f"The workspace's vectors were created by {label}, which is neither EMBEDDING_MODEL "
        f"({current.label}) nor NEXT_EMBEDDING_MODEL. Set one of them and restart."
    )


def reranker() -> Reranker | None:
    """Return the reranker, or None if there is none."""
    return _model("rerank", settings.LIGHTRAG.rerank, bindings.reranker)


def _model(role: str, config: C, create: Callable[[C], M]) -> M:
    """Return the role's model; create it if its configuration is another object."""
    cached = _models.get(role)
    if cached is not None and cached[0] is config:
        return cast("M", cached[1])
    model = create(config)
    _models[role] = (config, model)
    return model
