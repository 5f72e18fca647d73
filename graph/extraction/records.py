"""Records of an extraction: plain values without a database."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class EntityRecord:
    """An entity of a chunk with normalized name and type."""

    name: str
    entity_type: str
    description: str


@dataclass(frozen=True, slots=True)
class RelationRecord:
    """An undirected relation of a chunk; `keywords` are comma-separated."""

    source: str
    target: str
    keywords: str
    description: str
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Extraction:
    """Entities and relations of a chunk in order of appearance, without duplicates."""

    entities: tuple[EntityRecord, ...] = ()
    relations: tuple[RelationRecord, ...] = ()
