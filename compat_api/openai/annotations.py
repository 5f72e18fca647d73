"""Citations as OpenAI's annotations, with the source of each citation.

`url` is the document's URI in our MCP server; `source` is an addition to OpenAI's API.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from retrieval.context import citations
from retrieval.context.citations import Citation
from retrieval.context.references import Reference


def of_message(text: str, references: Sequence[Reference]) -> list[dict[str, Any]]:
    """Return the annotations of a chat completion's message."""
    return [
        {
            "type": "url_citation",
            "url_citation": url_citation(citation),
            "source": source(citation),
        }
        for citation in citations.find(text, references)
    ]


def of_response(text: str, references: Sequence[Reference]) -> list[dict[str, Any]]:
    """Return the annotations of a response's output text, which are not nested."""
    return [
        {"type": "url_citation", **url_citation(citation), "source": source(citation)}
        for citation in citations.find(text, references)
    ]


def url_citation(citation: Citation) -> dict[str, Any]:
    """Return the cited document and the characters of the answer that cite it."""
    document_id = quote(citation.chunk.document_id, safe="")
    return {
        "start_index": citation.start,
        "end_index": citation.end,
        "title": citation.reference.file_path,
        "url": f"lightrag://documents/{document_id}#{citation.chunk.chunk_id}",
    }


def source(citation: Citation) -> dict[str, Any]:
    """Return where the cited text is in the documents."""
    chunk = citation.chunk
    return {
        "reference_id": citation.reference.reference_id,
        "file_path": citation.reference.file_path,
        "document_id": chunk.document_id,
        "chunk_id": chunk.chunk_id,
        "pages": list(chunk.pages),
        "headings": list(chunk.headings),
        "quote": citation.quote,
    }


def files(references: Sequence[Reference]) -> list[dict[str, Any]]:
    """Return all files that the answer is based on, cited or not."""
    return [
        {
            "reference_id": reference.reference_id,
            "file_path": reference.file_path,
            "document_id": reference.document_id,
        }
        for reference in references
    ]
