"""Attribution: derive the extraction of each chunk from a merged graph.

LightRAG keeps the merged description of an entity and the ids of its chunks. The
fragments of the description are in the order of the chunks, so each chunk gets one
fragment and the last chunk gets the remaining ones. All chunks get the same type and
the same keywords. The weight is divided so that the parts add up to the merged weight.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from documents.importers.lightrag.store import Store, StoredEntity, StoredRelation
from graph.extraction import entity_names
from graph.extraction.records import EntityRecord, Extraction, RelationRecord
from graph.models import SEPARATOR

NAME_CHARS = 256
"""Upper bound on the length of an entity's name, as in LightRAG."""


@dataclass(frozen=True, slots=True)
class Attribution:
    """The extraction of each chunk, and the entities and relations without chunks."""

    extractions: dict[str, Extraction] = field(default_factory=dict)
    """By the store's chunk id."""
    entities_without_chunks: list[StoredEntity] = field(default_factory=list)
    relations_without_chunks: list[StoredRelation] = field(default_factory=list)
    entity_descriptions: dict[str, str] = field(default_factory=dict)
    """Merged descriptions by name."""
    relation_descriptions: dict[tuple[str, str], str] = field(default_factory=dict)
    """Merged descriptions by source and target."""


def attribute(store: Store, chunk_order: Sequence[str]) -> Attribution:
    """Return the attribution of the whole store.

    `chunk_order` lists the ids of all chunks in the order in which they are imported.
    """
    positions = {chunk: position for position, chunk in enumerate(chunk_order)}
    result = Attribution()
    entities = entity_records(store, positions, result)
    relations = relation_records(store, positions, result)
    for chunk in chunk_order:
        result.extractions[chunk] = Extraction(
            tuple(entities[chunk]), tuple(relations[chunk])
        )
    return result


def entity_records(
    store: Store, positions: Mapping[str, int], result: Attribution
) -> dict[str, list[EntityRecord]]:
    """Return the entities of each chunk; add the merged descriptions to `result`."""
    records: dict[str, list[EntityRecord]] = defaultdict(list)
    for entity in map(cleaned_entity, store.entities()):
        chunks = in_order(entity.chunk_ids, positions)
        result.entity_descriptions[entity.name] = entity.description
        if not chunks:
            result.entities_without_chunks.append(entity)
        texts = split_description(entity.description, len(chunks))
        for chunk, text in zip(chunks, texts, strict=True):
            records[chunk].append(EntityRecord(entity.name, entity.entity_type, text))
    return records


def relation_records(
    store: Store, positions: Mapping[str, int], result: Attribution
) -> dict[str, list[RelationRecord]]:
    """Return the relations of each chunk; add the merged descriptions to `result`."""
    records: dict[str, list[RelationRecord]] = defaultdict(list)
    for relation in map(cleaned_relation, store.relations()):
        chunks = in_order(relation.chunk_ids, positions)
        ends = relation.source, relation.target
        result.relation_descriptions[ends] = relation.description
        if not chunks:
            result.relations_without_chunks.append(relation)
        parts = split_relation(relation, len(chunks))
        for chunk, record in zip(chunks, parts, strict=True):
            records[chunk].append(record)
    return records


def in_order(chunk_ids: Iterable[str], positions: Mapping[str, int]) -> list[str]:
    """Return the chunks that have a position, sorted by it."""
    return sorted((c for c in chunk_ids if c in positions), key=positions.__getitem__)


def split_description(description: str, count: int) -> list[str]:
    """Return a merged description as `count` parts, some of which may be empty."""
    fragments = [part for part in description.split(SEPARATOR) if part.strip()]
    if count == 0:
        return []
    parts = [*fragments[: count - 1], SEPARATOR.join(fragments[count - 1 :])]
    return [*parts, *[""] * (count - len(parts))]


def split_relation(relation: StoredRelation, count: int) -> list[RelationRecord]:
    """Return `count` records whose weights add up to the relation's weight."""
    return [
        RelationRecord(
            relation.source, relation.target, relation.keywords, text, weight
        )
        for text, weight in zip(
            split_description(relation.description, count),
            split_weight(relation.weight, count),
            strict=True,
        )
    ]


def split_weight(weight: float, count: int) -> list[float]:
    """Return `count` weights: the remainder, then 1 for each other, or equal shares.

    Shares are equal if the first weight would not be positive.
    """
    if count == 0:
        return []
    first = weight - (count - 1)
    return [first, *[1.0] * (count - 1)] if first > 0 else [weight / count] * count


def cleaned_entity(entity: StoredEntity) -> StoredEntity:
    return StoredEntity(
        entity_names.clean_text(entity.name)[:NAME_CHARS],
        entity_names.entity_type(entity.entity_type),
        entity_names.clean_text(entity.description),
        entity.chunk_ids,
    )


def cleaned_relation(relation: StoredRelation) -> StoredRelation:
    return StoredRelation(
        entity_names.clean_text(relation.source)[:NAME_CHARS],
        entity_names.clean_text(relation.target)[:NAME_CHARS],
        entity_names.clean_text(relation.description),
        entity_names.clean_text(relation.keywords),
        relation.weight,
        relation.chunk_ids,
    )
