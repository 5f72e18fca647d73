"""Fake models for tests."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from lightrag_site.configuration.config_classes import LightRAGConfig
from retrieval.llm.config import ChatConfig, EmbeddingConfig
from retrieval.llm.testing.fake import FakeChat, FakeEmbedder


@dataclass(frozen=True, slots=True)
class FakeModels:
    """The fake models of a test, which record their requests."""

    chat: FakeChat = field(default_factory=FakeChat)
    embedder: FakeEmbedder = field(default_factory=FakeEmbedder)

    def configure(self, config: LightRAGConfig) -> LightRAGConfig:
        """Return `config` with these models in every role and without delays."""
        chat = ChatConfig("fake", "chat", options={"chat": self.chat})
        embedding = EmbeddingConfig(
            "fake", "hash", dimensions=64, options={"embedder": self.embedder}
        )
        return replace(
            config,
            ingest=replace(config.ingest, chunk_backoff=0.0),
            extract_llm=chat,
            keyword_llm=chat,
            query_llm=chat,
            vlm_llm=chat,
            embedding=embedding,
        )
