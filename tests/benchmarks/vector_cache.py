"""Vectors kept in a file, so that a corpus is embedded once for all measurements."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import md5
from pathlib import Path

import numpy as np

from retrieval.llm.base import Embedder, Vectors


class CachedEmbedder:
    """Asks `inner` for what the file does not hold; `save` writes the file."""

    def __init__(self, inner: Embedder, path: Path) -> None:
        self._inner = inner
        self._path = path
        self.identity = inner.identity
        self.dimensions = inner.dimensions
        self._known: dict[str, Vectors] = {}
        if path.exists():
            with np.load(path) as stored:
                self._known = dict(zip(stored["keys"], stored["rows"], strict=True))
        self._loaded = len(self._known)

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        keys = [_key("document", text) for text in texts]
        missing = {
            key: text
            for key, text in zip(keys, texts, strict=True)
            if key not in self._known
        }
        if missing:
            rows = await self._inner.embed_documents(list(missing.values()))
            self._known |= dict(zip(missing, rows, strict=True))
        return self._rows(keys)

    async def embed_queries(self, texts: Sequence[str]) -> Vectors:
        keys = [_key("query", text) for text in texts]
        missing = {
            key: text
            for key, text in zip(keys, texts, strict=True)
            if key not in self._known
        }
        if missing:
            rows = await self._inner.embed_queries(list(missing.values()))
            self._known |= dict(zip(missing, rows, strict=True))
        return self._rows(keys)

    def save(self) -> None:
        """Write what is new."""
        if len(self._known) == self._loaded:
            return
        rows = np.stack(list(self._known.values())).astype(np.float16)
        np.savez(self._path, keys=np.array(list(self._known)), rows=rows)
        self._loaded = len(self._known)

    def _rows(self, keys: list[str]) -> Vectors:
        rows = np.zeros((len(keys), self.dimensions), np.float32)
        for place, key in enumerate(keys):
            rows[place] = self._known[key]
        return rows


def _key(kind: str, text: str) -> str:
    return md5(f"{kind}\n{text}".encode(), usedforsecurity=False).hexdigest()
