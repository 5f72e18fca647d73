"""The embedding models that retrieval benchmarks use, by name."""

from __future__ import annotations

from pathlib import Path

from retrieval.llm.base import Embedder
from retrieval.llm.config import EmbeddingConfig
from retrieval.llm.embeddings.local import LocalEmbedder
from tests.benchmarks.minilm import MiniLM
from tests.benchmarks.vector_cache import CachedEmbedder


def cached(name: str, folder: Path) -> CachedEmbedder:
    """Return the embedder `minilm` or `local`, with its vectors cached in `folder`."""
    return CachedEmbedder(_create(name), folder / f"{name}.npz")


def _create(name: str) -> Embedder:
    return MiniLM() if name == "minilm" else LocalEmbedder(EmbeddingConfig())
