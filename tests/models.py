"""The stand-in models that tests configure a site with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from lightrag_site.configuration.config import LightRAGConfig
from retrieval.llm.config import ChatConfig, EmbeddingConfig
from retrieval.llm.testing.fake import FakeChat, FakeEmbedder


@dataclass(frozen=True, slots=True)
class FakeModels:
    """What a test may look into afterwards."""

    chat: FakeChat = field(default_factory=FakeChat)
    embedder: FakeEmbedder = field(default_factory=FakeEmbedder)

    def configure(self, config: LightRAGConfig) -> LightRAGConfig:
        """`config` with these models in every role, and no waiting between tries."""
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
            embedding=embedding,
        )
