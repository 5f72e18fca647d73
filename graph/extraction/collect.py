"""Records put together into an `Extraction`: normalised, without repeats."""

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
    """A record of what a model or a parser said."""
    return EntityRecord(
        entity_names.entity_name(name),
        entity_names.entity_type(kind),
        entity_names.clean_text(description),
    )


def relation(
    source: str, target: str, keywords: str, description: str
) -> RelationRecord:
    """A record of what a model or a parser said."""
    return RelationRecord(
        entity_names.entity_name(source),
        entity_names.entity_name(target),
        _keywords(keywords),
        entity_names.clean_text(description),
    )


def collect(
    entities: Iterable[EntityRecord], relations: Iterable[RelationRecord]
) -> Extraction:
    """One record for each name and for each pair of names, in order of appearance.

    Left out are records without a description, nameless ones and relations of a thing
    with itself. A relation's end that differs from an entity's name in case alone is
    that entity. The weights of relations put together add up (docs/lightrag.md C.8).
    """
    by_name: dict[str, EntityRecord] = {}
    for said in entities:
        if said.name and said.description:
            known = by_name.get(said.name)
            by_name[said.name] = _joined(known, said) if known else said
    spelling = {name.casefold(): name for name in reversed(by_name)}
    by_ends: dict[frozenset[str], RelationRecord] = {}
    for spelled in (_spelled(said, spelling) for said in relations):
        ends = _ends(spelled)
        if len(ends) == 2 and "" not in ends and spelled.description:
            earlier = by_ends.get(ends)
            by_ends[ends] = _related(earlier, spelled) if earlier else spelled
    return Extraction(tuple(by_name.values()), tuple(by_ends.values()))


def gleaned(first: Extraction, second: Extraction) -> Extraction:
    """Two rounds over one text: of what both name, the longer description stays."""
    entities = {said.name: said for said in first.entities}
    for said in second.entities:
        entities[said.name] = _longer(entities.get(said.name, said), said)
    relations = {_ends(said): said for said in first.relations}
    for linked in second.relations:
        ends = _ends(linked)
        relations[ends] = _longer(relations.get(ends, linked), linked)
    return Extraction(tuple(entities.values()), tuple(relations.values()))


def _keywords(*lists: str) -> str:
    words = (word for words in lists for word in _KEYWORD_PARTS.split(words))
    return ",".join(dict.fromkeys(filter(None, map(entity_names.clean_text, words))))


def _ends(said: RelationRecord) -> frozenset[str]:
    return frozenset((said.source, said.target))


def _both(first: str, second: str) -> str:
    if second in first:
        return first
    return second if first in second else f"{first} {second}"


def _longer(known: Record, other: Record) -> Record:
    return other if len(other.description) > len(known.description) else known


def _joined(first: EntityRecord, second: EntityRecord) -> EntityRecord:
    return replace(first, description=_both(first.description, second.description))


def _related(first: RelationRecord, second: RelationRecord) -> RelationRecord:
    return replace(
        first,
        keywords=_keywords(first.keywords, second.keywords),
        description=_both(first.description, second.description),
        weight=first.weight + second.weight,
    )


def _spelled(said: RelationRecord, spelling: Mapping[str, str]) -> RelationRecord:
    return replace(
        said,
        source=spelling.get(said.source.casefold(), said.source),
        target=spelling.get(said.target.casefold(), said.target),
    )
