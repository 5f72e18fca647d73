"""Normalization of records, and their combination without duplicates."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import TypeVar

from graph.extraction import entity_names
from graph.extraction.records import EntityRecord, Extraction, RelationRecord

Record = TypeVar("Record", EntityRecord, RelationRecord)

_KEYWORD_PARTS = re.compile(r"[,;，、；\n]")


def entity(name: str, kind: str, description: str) -> EntityRecord:
    """Return a normalized record."""
    return EntityRecord(
        entity_names.entity_name(name),
        entity_names.entity_type(kind),
        entity_names.clean_text(description),
    )


def relation(
    source: str, target: str, keywords: str, description: str, weight: float = 1.0
) -> RelationRecord:
    """Return a normalized record."""
    return RelationRecord(
        entity_names.entity_name(source),
        entity_names.entity_name(target),
        _keywords(keywords),
        entity_names.clean_text(description),
        weight,
    )


def collect(
    entities: Iterable[EntityRecord], relations: Iterable[RelationRecord]
) -> Extraction:
    """Return one record per name and per pair of names, in order of appearance.

    Records without a name or description are dropped, and so are relations of an entity
    with itself. An end of a relation takes the case of the entity's name. The weights of
    combined relations are added (docs/lightrag.md C.8).
    """
    by_name: dict[str, EntityRecord] = {}
    for record in entities:
        if record.name and record.description:
            earlier = by_name.get(record.name)
            by_name[record.name] = _combined(earlier, record) if earlier else record
    spelling = {name.casefold(): name for name in reversed(by_name)}
    spelling |= {name: name for name in by_name}  # an exact name has precedence
    by_ends: dict[frozenset[str], RelationRecord] = {}
    for relation in (_respelled(record, spelling) for record in relations):
        ends = _ends(relation)
        if len(ends) == 2 and "" not in ends and relation.description:
            existing = by_ends.get(ends)
            by_ends[ends] = (
                _combined_relation(existing, relation) if existing else relation
            )
    return Extraction(tuple(by_name.values()), tuple(by_ends.values()))


def joined(first: Extraction, second: Extraction) -> Extraction:
    """Combine the extractions of two parts of a chunk."""
    return collect(
        (*first.entities, *second.entities), (*first.relations, *second.relations)
    )


def gleaned(first: Extraction, second: Extraction) -> Extraction:
    """Combine two rounds of extraction; the longer description of a record is kept."""
    entities = {entity.name: entity for entity in first.entities}
    for entity in second.entities:
        entities[entity.name] = _longer(entities.get(entity.name, entity), entity)
    relations = {_ends(relation): relation for relation in first.relations}
    for relation in second.relations:
        ends = _ends(relation)
        relations[ends] = _longer(relations.get(ends, relation), relation)
    return Extraction(tuple(entities.values()), tuple(relations.values()))


def _keywords(*lists: str) -> str:
    words = (word for words in lists for word in _KEYWORD_PARTS.split(words))
    return ",".join(dict.fromkeys(filter(None, map(entity_names.clean_text, words))))


def _ends(relation: RelationRecord) -> frozenset[str]:
    return frozenset((relation.source, relation.target))


def _both(first: str, second: str) -> str:
    if second in first:
        return first
    return second if first in second else f"{first} {second}"


def _longer(first: Record, second: Record) -> Record:
    return second if len(second.description) > len(first.description) else first


def _combined(first: EntityRecord, second: EntityRecord) -> EntityRecord:
    return replace(first, description=_both(first.description, second.description))


def _combined_relation(first: RelationRecord, second: RelationRecord) -> RelationRecord:
    return replace(
        first,
        keywords=_keywords(first.keywords, second.keywords),
        description=_both(first.description, second.description),
        weight=first.weight + second.weight,
    )


def _respelled(record: RelationRecord, spelling: Mapping[str, str]) -> RelationRecord:
    return replace(
        record,
        source=_spelled(record.source, spelling),
        target=_spelled(record.target, spelling),
    )


def _spelled(name: str, spelling: Mapping[str, str]) -> str:
    return spelling.get(name) or spelling.get(name.casefold(), name)
