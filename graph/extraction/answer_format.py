"""Parsing of a model's answer, and the JSON in which extractions are stored.

The answer should be JSON (`prompts.schema`). Code fences, missing brackets and
other names of the fields are accepted. LightRAG's delimited text is parsed too, because
completions are imported from its cache.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from graph.extraction import collect as records
from graph.extraction.records import EntityRecord, Extraction, RelationRecord
from retrieval.llm.chat import json_answer
from retrieval.llm.errors import BadAnswer

_DELIMITER = re.compile(r"<\|[^|<>]?\|?>")
_RECORD_END = re.compile(r"\n|##")
_ENTITIES = ("entities", "entity", "nodes")
_RELATIONS = ("relationships", "relations", "relationship", "relation", "edges")
_SOURCE = ("source", "source_entity", "src_id", "src", "from", "head", "subject")
_TARGET = ("target", "target_entity", "tgt_id", "tgt", "to", "tail", "object")
_KEYWORDS = (
    "keywords",
    "relationship_keywords",
    "relation",
    "relationship",
    "predicate",
    "type",
    "label",
)
_MIDDLE = 5.0


def read(answer: str, *, truncated: bool = False) -> Extraction:
    """Return the normalized records of an answer without duplicates.

    If a truncated answer ends inside a record, this record is left out.
    Raises `BadAnswer` if the answer is neither JSON of that shape nor delimited text, or
    if none of its records can be read.
    """
    value = json_answer.strict_value(answer)
    if value is None and _DELIMITER.search(answer):
        return _read_delimited(answer.rpartition("\n")[0] if truncated else answer)
    ends_inside = truncated and not answer.rstrip(" \t\r\n,").endswith(("}", "]"))
    return _read_json(json_answer.parse_value(answer), answer, cut=ends_inside)


def _read_json(value: Any, answer: str, *, cut: bool) -> Extraction:
    entities, relations = _lists(value)
    if entities is None and relations is None:
        message = f"The model's answer contains no entities: {answer[:200]!r}"
        raise BadAnswer(message)
    rows, links = _mappings(entities), _mappings(relations)
    if cut:
        rows, links = (rows, links[:-1]) if links else (rows[:-1], links)
    extraction = records.collect(map(_entity, rows), map(_relation, links))
    if (rows or links) and extraction == Extraction() and not cut:
        names = ", ".join(sorted({str(key) for row in (*rows, *links) for key in row}))
        raise BadAnswer(
            f"The model's answer has records without a name and a description; their "
            f"fields are: {names[:200]}"
        )
    return extraction


def _lists(value: Any) -> tuple[Any, Any]:
    """Return the entities and the relations in `value`, None for what is missing.

    Models also write a list of records, or put the lists in another object.
    """
    if isinstance(value, list):
        rows = _mappings(value)
        links = [row for row in rows if _text(row, *_SOURCE) and _text(row, *_TARGET)]
        return (
            ([row for row in rows if row not in links], links) if rows else (None, None)
        )
    fields = {str(name).lower(): item for name, item in value.items()}
    entities, relations = (
        next((fields[name] for name in names if fields.get(name) is not None), None)
        for names in (_ENTITIES, _RELATIONS)
    )
    if entities is None and relations is None:
        inner = [item for item in value.values() if isinstance(item, dict)]
        return _lists(inner[0]) if len(inner) == 1 else (None, None)
    return entities, relations


def to_json(extraction: Extraction) -> dict[str, Any]:
    """Return the JSON that `ChunkExtraction.records` stores."""
    return {
        "entities": [
            {"name": e.name, "type": e.entity_type, "description": e.description}
            for e in extraction.entities
        ],
        "relationships": [
            {
                "source": r.source,
                "target": r.target,
                "keywords": r.keywords,
                "description": r.description,
                "weight": r.weight,
            }
            for r in extraction.relations
        ],
    }


def from_json(stored: Mapping[str, Any]) -> Extraction:
    """Return the extraction that `to_json` was called with."""
    return Extraction(
        tuple(
            EntityRecord(entity["name"], entity["type"], entity["description"])
            for entity in stored["entities"]
        ),
        tuple(
            RelationRecord(
                relation["source"],
                relation["target"],
                relation["keywords"],
                relation["description"],
                relation["weight"],
            )
            for relation in stored["relationships"]
        ),
    )


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    """Return the records of a list, or of an object with the records by their names."""
    if isinstance(value, Mapping):
        value = [
            {"name": name, **item}
            if isinstance(item, Mapping)
            else {"name": name, "description": item}
            for name, item in value.items()
        ]
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, Mapping)]


def _text(record: Mapping[str, Any], *fields: str) -> str:
    by_name = {str(name).lower(): value for name, value in record.items()}
    value = next((by_name[field] for field in fields if by_name.get(field)), "")
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _entity(record: Mapping[str, Any]) -> EntityRecord:
    return records.entity(
        _text(record, "name", "entity_name", "entity", "title", "id"),
        _text(record, "type", "entity_type", "category", "label"),
        _text(record, "description", "entity_description", "desc", "summary"),
    )


def _relation(record: Mapping[str, Any]) -> RelationRecord:
    return records.relation(
        _text(record, *_SOURCE),
        _text(record, *_TARGET),
        _text(record, *_KEYWORDS),
        _text(record, "description", "relationship_description", "desc", "summary"),
        _weight(record),
    )


def _weight(record: Mapping[str, Any]) -> float:
    """Return the strength from 1 to 10 as a weight; a middling one, or none, is 1."""
    try:
        strength = float(_text(record, "strength", "relationship_strength") or _MIDDLE)
    except ValueError:
        return 1.0
    return min(max(strength, 1.0), 10.0) / _MIDDLE


def _read_delimited(answer: str) -> Extraction:
    rows = [_DELIMITER.split(line) for line in _RECORD_END.split(answer)]
    kinds = [(row[0].strip("(\"' \r").lower(), row[1:]) for row in rows]
    # `entity` with four fields is a mislabelled relation (docs/lightrag.md C.7).
    return records.collect(
        (
            records.entity(*fields)
            for kind, fields in kinds
            if kind == "entity" and len(fields) == 3
        ),
        (
            records.relation(fields[0], fields[1], fields[2], fields[3])
            for kind, fields in kinds
            if kind in ("entity", "relation", "relationship") and len(fields) == 4
        ),
    )
