"""Rank the chunks of all retrievers in one list, and read their texts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from documents.models import chunk_public_id
from retrieval.search import rank_fusion, search_transaction
from retrieval.search.chunk_selection import Selected
from retrieval.search.evidence import FoundChunk, FoundFigure
from retrieval.search.hybrid_search import Hits

READ = """
SELECT c.id, d.public_id, c."order", d.name, c.content, c.tokens, c.headings,
    c.page_first, c.page_last,
    (SELECT jsonb_agg(jsonb_build_array(f."order", f.page, f.caption, f.description)
                      ORDER BY f."order")
     FROM documents_figure f
     WHERE f.chunk_id = c.id OR f.description_chunk_id = c.id)
FROM documents_chunk c JOIN documents_document d ON d.id = c.document_id
WHERE c.id = ANY(%(chunks)s)
"""

Scores = dict[int, dict[str, float]]
"""The scores of each chunk by retriever; chunk ids are in order, best first."""


def merge(hits: Hits, selected: Selected) -> Scores:
    """Merge the chunks of the hits, the entities and the relations, in turns.

    See docs/lightrag.md B.5.
    """
    of_entities, of_relations = selected
    order = rank_fusion.round_robin([hits.ids, list(of_entities), list(of_relations)])
    scores: Scores = {chunk: dict(hits.scores.get(chunk, {})) for chunk in order}
    for name, cosines in (("entity", of_entities), ("relation", of_relations)):
        for chunk, cosine in cosines.items():
            scores[chunk][name] = cosine
    return scores


def read(
    chunk_ids: Sequence[int], scores: Mapping[int, Mapping[str, float]]
) -> list[FoundChunk]:
    """Return these chunks with their figures, in this order. One statement."""
    if not chunk_ids:
        return []
    rows = {
        row[0]: row[1:]
        for row in search_transaction.fetch(READ, {"chunks": list(chunk_ids)})
    }
    return [_chunk(rows[id], scores[id]) for id in chunk_ids if id in rows]


def _chunk(row: tuple[Any, ...], scores: Mapping[str, float]) -> FoundChunk:
    document, order, name, content, tokens, headings, first, last, figures = row
    return FoundChunk(
        chunk_id=chunk_public_id(document, order),
        document_id=document,
        file_path=name,
        content=content,
        tokens=tokens,
        headings=tuple(headings),
        page_first=first,
        page_last=last,
        scores=scores,
        figures=tuple(FoundFigure(*figure) for figure in json.loads(figures or "[]")),
    )
