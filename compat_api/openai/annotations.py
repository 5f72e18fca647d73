"""Citations as OpenAI's annotations, with what LightRAG knows of them beside.

`url` names the document as our MCP server does; `source` is ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from retrieval.context import citations
from retrieval.context.citations import Citation
from retrieval.context.references import Reference


def of_message(text: str, listed: Sequence[Reference]) -> list[dict[str, Any]]:
    """Those of a chat completion's message."""
    return [
        {"type": "url_citation", "url_citation": place(one), "source": source(one)}
        for one in citations.find(text, listed)
    ]


def of_response(text: str, listed: Sequence[Reference]) -> list[dict[str, Any]]:
    """Those of a response's output text: the same fields, one level higher."""
    return [
        {"type": "url_citation", **place(one), "source": source(one)}
        for one in citations.find(text, listed)
    ]


def place(found: Citation) -> dict[str, Any]:
    """Which characters of the answer cite what."""
    document = quote(found.chunk.document_id, safe="")
    return {
        "start_index": found.start,
        "end_index": found.end,
        "title": found.reference.file_path,
        "url": f"lightrag://documents/{document}#{found.chunk.chunk_id}",
    }


def source(found: Citation) -> dict[str, Any]:
    """Where the cited words stand in the documents."""
    passage = found.chunk
    return {
        "reference_id": found.reference.reference_id,
        "file_path": found.reference.file_path,
        "document_id": passage.document_id,
        "chunk_id": passage.chunk_id,
        "pages": list(passage.pages),
        "headings": list(passage.headings),
        "quote": found.quote,
    }


def references(listed: Sequence[Reference]) -> list[dict[str, Any]]:
    """All files the answer could draw on, cited or not."""
    return [
        {
            "reference_id": one.reference_id,
            "file_path": one.file_path,
            "document_id": one.document_id,
        }
        for one in listed
    ]
