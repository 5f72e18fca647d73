"""Parsing of a model's answer, and the JSON in which extractions are stored.

The answer should be JSON (`prompts.EXTRACTION_SCHEMA`). Code fences, missing brackets and
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


def read(answer: str) -> Extraction:
    """Return the normalized records of an answer without duplicates.

    Raises `BadAnswer` if it is neither JSON of that shape nor delimited text.
    """
    if _DELIMITER.search(answer):
        return _read_delimited(answer)
    value = json_answer.parse(answer)
    if "entities" in value or _relations(value):
        return records.collect(
            map(_entity, _mappings(value.get("entities"))),
            map(_relation, _mappings(_relations(value))),
        )
    message = f"The model's answer contains no entities: {answer[:200]!r}"
    raise BadAnswer(message)


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


def _relations(value: Mapping[str, Any]) -> Any:
    return value.get("relationships") or value.get("relations")


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    items = value if isinstance(value, list) else []
    return [item for item in items if isinstance(item, Mapping)]


def _text(record: Mapping[str, Any], *fields: str) -> str:
    value = next((record[field] for field in fields if record.get(field)), "")
    return ",".join(map(str, value)) if isinstance(value, list) else str(value)


def _entity(record: Mapping[str, Any]) -> EntityRecord:
    return records.entity(
        _text(record, "name", "entity_name"),
        _text(record, "type", "entity_type"),
        _text(record, "description"),
    )


def _relation(record: Mapping[str, Any]) -> RelationRecord:
    return records.relation(
        _text(record, "source", "source_entity", "src_id"),
        _text(record, "target", "target_entity", "tgt_id"),
        _text(record, "keywords", "relationship_keywords"),
        _text(record, "description", "relationship_description"),
    )


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
            records.relation(*fields)
            for kind, fields in kinds
            if kind in ("entity", "relation", "relationship") and len(fields) == 4
        ),
    )
