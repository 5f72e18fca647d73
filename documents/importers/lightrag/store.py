"""The contents of a LightRAG store, independent of its backend (docs/lightrag.md E)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]


class InvalidStore(Exception):
    """The store does not exist, is incomplete or is damaged."""


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document's row in `doc_status`, without its text."""

    public_id: str
    source: str
    """The `file_path` of the row."""
    status: str
    error_msg: str
    track_id: str
    created_at: str
    """ISO 8601; empty if unknown."""


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk; `headings` are ordered from the outermost."""

    id: str
    document_id: str
    order: int
    tokens: int
    content: str
    headings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredEntity:
    """A merged entity and the ids of its chunks, oldest first."""

    name: str
    entity_type: str
    description: str
    chunk_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoredRelation:
    """A merged relation and the ids of its chunks, oldest first."""

    source: str
    target: str
    description: str
    keywords: str
    weight: float
    chunk_ids: tuple[str, ...]


class Store(Protocol):
    """A store to import. Its methods raise InvalidStore if a part is missing or damaged."""

    def documents(self) -> list[StoredDocument]:
        """Return all documents, oldest first."""

    def chunk_order(self) -> list[str]:
        """Return the ids of all chunks, by document and order."""

    def texts(self, document_ids: Sequence[str]) -> dict[str, str]:
        """Return full texts by document id; omit documents without one."""

    def chunks(self, document_ids: Sequence[str]) -> list[StoredChunk]:
        """Return the chunks of these documents, by document and order."""

    def entities(self) -> Iterator[StoredEntity]:
        """Iterate over the nodes of the graph."""

    def relations(self) -> Iterator[StoredRelation]:
        """Iterate over the edges of the graph, each once."""

    def vectors(self, kind: str, dimensions: int) -> dict[str, Vector]:
        """Return the vectors of `chunks`, `entities` or `relationships` by their ids.

        Return an empty dict if the store has no vectors of this kind and dimensions.
        """


def relation_key(source: str, target: str) -> tuple[str, str]:
    """Return the ends of an undirected relation in alphabetical order."""
    return (source, target) if source <= target else (target, source)
