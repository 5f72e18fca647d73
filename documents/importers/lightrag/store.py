"""What a LightRAG store holds, whichever of its backends kept it (docs/lightrag.md E)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vector = NDArray[np.float32]


class NotAStore(Exception):
    """There is no LightRAG store."""


@dataclass(frozen=True, slots=True)
class StoredDocument:
    """A document's row of `doc_status`, its text not yet read."""

    public_id: str
    source: str
    """`file_path` as it stands there."""
    status: str
    error_msg: str
    track_id: str
    created_at: str
    """ISO 8601; empty where it is not known."""


@dataclass(frozen=True, slots=True)
class StoredChunk:
    """A chunk; `headings` outermost first."""

    id: str
    document_id: str
    order: int
    tokens: int
    content: str
    headings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class StoredEntity:
    """A merged entity, and the chunks that speak of it, oldest first."""

    name: str
    entity_type: str
    description: str
    chunk_ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoredRelation:
    """A merged relation, and the chunks that speak of it, oldest first."""

    source: str
    target: str
    description: str
    keywords: str
    weight: float
    chunk_ids: tuple[str, ...]


class Store(Protocol):
    """A store to read from. Raises NotAStore where something is missing or broken."""

    @property
    def where(self) -> str:
        """For people: what is read."""

    def documents(self) -> list[StoredDocument]:
        """All documents, oldest first."""

    def chunk_order(self) -> list[str]:
        """The ids of all chunks: document after document, each from its beginning."""

    def texts(self, document_ids: Sequence[str]) -> dict[str, str]:
        """Whole texts by document id; those that are not kept are left out."""

    def chunks(self, document_ids: Sequence[str]) -> list[StoredChunk]:
        """The chunks of these documents, in order."""

    def entities(self) -> Iterator[StoredEntity]:
        """All nodes of the graph."""

    def relations(self) -> Iterator[StoredRelation]:
        """All edges of the graph, each once."""

    def vectors(self, kind: str, dimensions: int) -> dict[str, Vector]:
        """Vectors of `chunks`, `entities` or `relationships` by the store's ids.

        None of them where they have another length or are not kept.
        """


def relation_key(source: str, target: str) -> tuple[str, str]:
    """Both ends of an undirected relation, in one order."""
    return (source, target) if source <= target else (target, source)
