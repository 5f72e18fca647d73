"""Cache of vectors in a file, so that a corpus is embedded once for all benchmarks."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import md5
from pathlib import Path

import numpy as np

from retrieval.llm.base import Embedder, Vectors


class CachedEmbedder:
    """Embedder that calls `inner` for texts not in the file; `save` writes the file."""

    def __init__(self, inner: Embedder, path: Path) -> None:
        self._inner = inner
        self._path = path
        self.identity = inner.identity
        self.dimensions = inner.dimensions
        self._vectors: dict[str, Vectors] = {}
        if path.exists():
            with np.load(path) as stored:
                self._vectors = dict(zip(stored["keys"], stored["rows"], strict=True))
        self._loaded = len(self._vectors)

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        keys = [_key("document", text) for text in texts]
        missing = {
            key: text
            for key, text in zip(keys, texts, strict=True)
            if key not in self._vectors
        }
        if missing:
            rows = await self._inner.embed_documents(list(missing.values()))
            self._vectors |= dict(zip(missing, rows, strict=True))
        return self._rows(keys)

    async def embed_queries(self, texts: Sequence[str]) -> Vectors:
        keys = [_key("query", text) for text in texts]
        missing = {
            key: text
            for key, text in zip(keys, texts, strict=True)
            if key not in self._vectors
        }
        if missing:
            rows = await self._inner.embed_queries(list(missing.values()))
            self._vectors |= dict(zip(missing, rows, strict=True))
        return self._rows(keys)

    def save(self) -> None:
        """Write the file if there are new vectors."""
        if len(self._vectors) == self._loaded:
            return
        rows = np.stack(list(self._vectors.values())).astype(np.float16)
        np.savez(self._path, keys=np.array(list(self._vectors)), rows=rows)
        self._loaded = len(self._vectors)

    def _rows(self, keys: list[str]) -> Vectors:
        rows = np.zeros((len(keys), self.dimensions), np.float32)
        for index, key in enumerate(keys):
            rows[index] = self._vectors[key]
        return rows


def _key(kind: str, text: str) -> str:
    return md5(f"{kind}\n{text}".encode(), usedforsecurity=False).hexdigest()
