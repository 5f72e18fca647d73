"""A merged graph -> what each chunk said, as far as it can be told.

LightRAG keeps of an entity its merged description and the chunks that speak of it. The
description's fragments stand in the order in which the chunks came, so the first goes
to the first chunk, and so on; what is over goes to the last. All chunks share the type
and the keywords, and the weight is spread so that it adds up again.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from documents.importers.lightrag.store import Store, StoredEntity, StoredRelation
from graph.extraction import entity_names
from graph.extraction.records import EntityRecord, Extraction, RelationRecord
from graph.models import SEPARATOR

NAME_CHARS = 256


@dataclass(frozen=True, slots=True)
class Attribution:
    """Extractions by the store's chunk ids, and what no chunk speaks of."""

    extractions: dict[str, Extraction]
    unsaid_entities: list[StoredEntity]
    unsaid_relations: list[StoredRelation]
    entities: dict[str, str] = field(default_factory=dict)
    """Merged descriptions by name."""
    relations: dict[tuple[str, str], str] = field(default_factory=dict)
    """Merged descriptions by both names."""


def attribute(store: Store, order: Sequence[str]) -> Attribution:
    """`order`: the ids of all chunks, in the order in which they are stored anew."""
    place = {chunk: number for number, chunk in enumerate(order)}
    entities: dict[str, list[EntityRecord]] = defaultdict(list)
    relations: dict[str, list[RelationRecord]] = defaultdict(list)
    result = Attribution({}, [], [])
    for entity in map(cleaned_entity, store.entities()):
        chunks = known(entity.chunk_ids, place)
        result.entities[entity.name] = entity.description
        if not chunks:
            result.unsaid_entities.append(entity)
        for chunk, text in zip(
            chunks, spread(entity.description, len(chunks)), strict=True
        ):
            entities[chunk].append(EntityRecord(entity.name, entity.entity_type, text))
    for relation in map(cleaned_relation, store.relations()):
        chunks = known(relation.chunk_ids, place)
        result.relations[relation.source, relation.target] = relation.description
        if not chunks:
            result.unsaid_relations.append(relation)
        for chunk, record in zip(
            chunks, relation_records(relation, len(chunks)), strict=True
        ):
            relations[chunk].append(record)
    for chunk in order:
        result.extractions[chunk] = Extraction(
            tuple(entities[chunk]), tuple(relations[chunk])
        )
    return result


def known(chunk_ids: Iterable[str], place: dict[str, int]) -> list[str]:
    """Those of the chunks that are stored, in their new order."""
    return sorted((c for c in chunk_ids if c in place), key=place.__getitem__)


def spread(description: str, count: int) -> list[str]:
    """A merged description as `count` parts, some of them empty."""
    fragments = [part for part in description.split(SEPARATOR) if part.strip()]
    if count == 0:
        return []
    parts = [*fragments[: count - 1], SEPARATOR.join(fragments[count - 1 :])]
    return [*parts, *[""] * (count - len(parts))]


def relation_records(relation: StoredRelation, count: int) -> list[RelationRecord]:
    """One for each of `count` chunks; their weights add up to the relation's."""
    return [
        RelationRecord(
            relation.source, relation.target, relation.keywords, text, weight
        )
        for text, weight in zip(
            spread(relation.description, count),
            weights(relation.weight, count),
            strict=True,
        )
    ]


def weights(weight: float, count: int) -> list[float]:
    """Ones, and what is over on the first; even shares where there is too little."""
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
