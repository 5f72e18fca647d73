"""What an extractor found in one chunk. Plain values; no database."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EntityRecord:
    """One entity of a chunk, its name and type already normalised."""

    name: str
    entity_type: str
    description: str


@dataclass(frozen=True, slots=True)
class RelationRecord:
    """One undirected relation of a chunk; `keywords` is comma separated."""

    source: str
    target: str
    keywords: str
    description: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Extraction:
    """Everything found in one chunk, in the order it was found, without repeats."""

    entities: tuple[EntityRecord, ...] = ()
    relations: tuple[RelationRecord, ...] = ()
