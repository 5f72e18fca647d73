"""The chunks of all legs, in one order, with their texts and where these stand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from documents.models import chunk_public_id
from retrieval.search import rank_fusion, sql_rows
from retrieval.search.chunk_selection import Chosen
from retrieval.search.evidence import Passage
from retrieval.search.search import Hits

READ = """
SELECT c.id, d.public_id, c."order", d.name, c.content, c.tokens, c.headings,
    c.page_first, c.page_last
FROM documents_chunk c JOIN documents_document d ON d.id = c.document_id
WHERE c.id = ANY(%(chunks)s)
"""

Legs = dict[int, dict[str, float]]
"""Chunk ids in order, each with the legs that brought it and their scores."""


def merge(hits: Hits, chosen: Chosen) -> Legs:
    """In turns: found by themselves, through entities, through relations (b.5)."""
    of_entities, of_relations = chosen
    order = rank_fusion.round_robin([hits.ids, list(of_entities), list(of_relations)])
    legs: Legs = {chunk: dict(hits.scores.get(chunk, {})) for chunk in order}
    for name, scores in (("entity", of_entities), ("relation", of_relations)):
        for chunk, score in scores.items():
            legs[chunk][name] = score
    return legs


def read(
    chunk_ids: Sequence[int], legs: Mapping[int, Mapping[str, float]]
) -> list[Passage]:
    """The passages of these chunks, in order, in one statement."""
    if not chunk_ids:
        return []
    found = {
        row[0]: row[1:] for row in sql_rows.read(READ, {"chunks": list(chunk_ids)})
    }
    return [_passage(found[id], legs[id]) for id in chunk_ids if id in found]


def _passage(row: tuple[Any, ...], legs: Mapping[str, float]) -> Passage:
    document, order, name, content, tokens, headings, first, last = row
    return Passage(
        chunk_id=chunk_public_id(document, order),
        document_id=document,
        file_path=name,
        content=content,
        tokens=tokens,
        headings=tuple(headings),
        page_first=first,
        page_last=last,
        legs=legs,
    )
