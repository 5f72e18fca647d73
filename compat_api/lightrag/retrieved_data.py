"""What retrieval found, in LightRAG's words (docs/lightrag.md A.3)."""

from __future__ import annotations

from typing import Any

from compat_api.chat.query_request import QueryRequest
from graph.models import SEPARATOR
from retrieval.context.prompt_context import Context
from retrieval.context.references import Reference
from retrieval.search.evidence import FoundChunk, FoundEntity, FoundRelation
from retrieval.search.params import Mode

NOTHING = {Mode.NAIVE: "No relevant document chunks found."}


def reference_item(reference: Reference, body: QueryRequest) -> dict[str, Any]:
    """A reference of an answer; `content` is null unless it was asked for."""
    content = reference.contents if body.include_chunk_content else None
    return reference_line(reference) | {"content": content}


def reference_line(reference: Reference) -> dict[str, Any]:
    """A reference by number and file."""
    return {
        "reference_id": reference.reference_id,
        "file_path": reference.file_path,
    }


def as_data(found: Context) -> dict[str, Any]:
    """The answer of `/query/data`; a failure where nothing was found."""
    if found.is_empty and found.mode is not Mode.BYPASS:
        return {
            "status": "failure",
            "message": NOTHING.get(found.mode, "Query returned no results"),
            "data": {},
            "metadata": {"failure_reason": "no_results", "mode": found.mode},
        }
    return {
        "status": "success",
        "message": "Query processed successfully",
        "data": {
            "entities": [entity(one) for one in found.entities],
            "relationships": [relationship(one) for one in found.relations],
            "chunks": [chunk(one) for one in found.chunks],
            "references": [reference_line(one) for one in found.references],
        },
        "metadata": metadata(found),
    }


def metadata(found: Context) -> dict[str, Any]:
    """The mode, the keywords searched for, and how much was found."""
    described: dict[str, Any] = {
        "query_mode": found.mode,
        "keywords": {
            "high_level": list(found.keywords.high),
            "low_level": list(found.keywords.low),
        },
    }
    if found.counts:
        described["processing_info"] = dict(found.counts)
    return described


def entity(found: FoundEntity) -> dict[str, Any]:
    """An entity and where it was said; `created_at` in seconds since 1970."""
    return {
        "entity_name": found.name,
        "entity_type": found.entity_type,
        "description": found.description,
        "source_id": SEPARATOR.join(found.chunk_ids),
        "file_path": SEPARATOR.join(found.file_paths),
        "created_at": found.created_at,
    }


def relationship(found: FoundRelation) -> dict[str, Any]:
    """A relation and where it was said."""
    return {
        "src_id": found.source,
        "tgt_id": found.target,
        "description": found.description,
        "keywords": found.keywords,
        "weight": found.weight,
        "source_id": SEPARATOR.join(found.chunk_ids),
        "file_path": SEPARATOR.join(found.file_paths),
        "created_at": found.created_at,
    }


def chunk(found: FoundChunk) -> dict[str, Any]:
    """A passage; its pages only where its document has any."""
    described: dict[str, Any] = {
        "reference_id": found.reference_id,
        "content": found.content,
        "file_path": found.file_path,
        "chunk_id": found.chunk_id,
    }
    return described | ({"pages": list(found.pages)} if found.pages else {})
