"""Retrieved entities, relations and chunks as LightRAG's objects.

The fields are those of docs/lightrag.md A.3.
"""

from __future__ import annotations

import asyncio
from typing import Any

from compat_api.chat.query_request import QueryRequest
from compat_api.http import figures
from graph.models import SEPARATOR
from retrieval.context import support
from retrieval.context.prompt_context import Context
from retrieval.context.references import Reference
from retrieval.query.events import Answer
from retrieval.search.evidence import FoundChunk, FoundEntity, FoundRelation
from retrieval.search.params import Mode

NO_RESULTS = {Mode.NAIVE: "No relevant document chunks found."}


def reference_item(
    reference: Reference, workspace: str, body: QueryRequest
) -> dict[str, Any]:
    """Return a reference; `content` is None unless the request asks for it."""
    content = reference.contents if body.include_chunk_content else None
    return reference_line(reference, workspace) | {"content": content}


def reference_line(reference: Reference, workspace: str) -> dict[str, Any]:
    """Return the number and the file of a reference, and pages and figures if it has any.

    `pages` and `figures` are additions to LightRAG's fields.
    """
    pages = {"pages": list(reference.pages)} if reference.pages else {}
    shown = figures.of_reference(reference, workspace) if reference.figures else []
    return {
        "reference_id": reference.reference_id,
        "file_path": reference.file_path,
        **pages,
        **({"figures": shown} if shown else {}),
    }


async def checked_sentences(answer: Answer) -> list[dict[str, Any]]:
    """Return whether the cited chunks support each sentence that cites one."""
    checked = await asyncio.to_thread(
        support.check, answer.text, answer.references, answer.verdicts
    )
    return [
        {
            "start": item.start,
            "end": item.end,
            "sentence": item.text,
            "reference_ids": list(item.reference_ids),
            "verdict": item.verdict,
        }
        for item in checked
    ]


def as_data(context: Context, workspace: str) -> dict[str, Any]:
    """Return the response of `/query/data`; a failure if nothing was found."""
    if context.is_empty and context.mode is not Mode.BYPASS:
        return {
            "status": "failure",
            "message": NO_RESULTS.get(context.mode, "Query returned no results"),
            "data": {},
            "metadata": {"failure_reason": "no_results", "mode": context.mode},
        }
    return {
        "status": "success",
        "message": "Query processed successfully",
        "data": {
            "entities": [entity(row) for row in context.entities],
            "relationships": [relationship(row) for row in context.relations],
            "chunks": [chunk(row) for row in context.chunks],
            "references": [
                reference_line(row, workspace) for row in context.references
            ],
        },
        "metadata": metadata(context),
    }


def metadata(context: Context) -> dict[str, Any]:
    """Return the mode, the keywords searched for, and the number of results.

    `rewritten_question` is an addition: the form in which a follow-up was searched.
    """
    result: dict[str, Any] = {
        "query_mode": context.mode,
        "keywords": {
            "high_level": list(context.keywords.high),
            "low_level": list(context.keywords.low),
        },
    }
    if context.rewritten_question:
        result["rewritten_question"] = context.rewritten_question
    if context.counts:
        result["processing_info"] = dict(context.counts)
    return result


def entity(row: FoundEntity) -> dict[str, Any]:
    """Return an entity and its sources; `created_at` is in seconds since 1970."""
    return {
        "entity_name": row.name,
        "entity_type": row.entity_type,
        "description": row.description,
        "source_id": SEPARATOR.join(row.chunk_ids),
        "file_path": SEPARATOR.join(row.file_paths),
        "created_at": row.created_at,
    }


def relationship(row: FoundRelation) -> dict[str, Any]:
    """Return a relation and its sources; `created_at` is in seconds since 1970."""
    return {
        "src_id": row.source,
        "tgt_id": row.target,
        "description": row.description,
        "keywords": row.keywords,
        "weight": row.weight,
        "source_id": SEPARATOR.join(row.chunk_ids),
        "file_path": SEPARATOR.join(row.file_paths),
        "created_at": row.created_at,
    }


def chunk(row: FoundChunk) -> dict[str, Any]:
    """Return a chunk; `pages` only if its document has pages."""
    result: dict[str, Any] = {
        "reference_id": row.reference_id,
        "content": row.content,
        "file_path": row.file_path,
        "chunk_id": row.chunk_id,
    }
    return result | ({"pages": list(row.pages)} if row.pages else {})
