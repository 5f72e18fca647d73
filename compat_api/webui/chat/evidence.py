"""Evidence of an answer: the steps, the results of each search, and a small graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from compat_api.webui import links
from retrieval.context.prompt_context import Context
from retrieval.search.evidence import FoundChunk, FoundEntity, FoundRelation

STEPS: Mapping[str, str | Promise] = {
    "keywords": _("keywords"),
    "embedding": _("embedding"),
    "search": _("search"),
    "relevance": _("relevance"),
    "rerank": _("reranking"),
    "context": _("selecting"),
    "quotations": _("quoting"),
}
RETRIEVERS: Mapping[str, tuple[str, str | Promise]] = {
    "vector": ("vector", _("vector")),
    "question": ("vector", _("vector of the question")),
    "lexical": ("lexical", _("keywords")),
    "name": ("lexical", _("name")),
    "entity": ("graph", _("graph: entity")),
    "relation": ("graph", _("graph: relation")),
    "walk": ("graph", _("graph: PageRank")),
    "hop": ("graph", _("graph: second hop")),
    "rerank": ("rerank", _("reranker")),
}
"""The family of each retriever, which determines the color, and its label."""

NEIGHBOR = (("graph", _("graph: neighbor"), None),)
"""The label of a result that no retriever found itself."""

MAX_DRAWN_ENTITIES = 24
MAX_DRAWN_CHUNKS = 10

Score = tuple[str, str | Promise, float | None]
"""The family and the label of a retriever, and the score it gave."""


@dataclass(frozen=True, slots=True)
class Row:
    """A result with its link and the scores of the retrievers that found it."""

    item: FoundEntity | FoundRelation | FoundChunk
    url: str
    scores: Sequence[Score]


def render(context: Context) -> str:
    """Return HTML for the chat page."""
    values = {
        "context": context,
        "graph_tokens": context.tokens.get("graph", 0),
        "chunk_tokens": context.tokens.get("chunks", 0),
        "steps": [
            (STEPS.get(step, step), seconds, context.tokens.get(step))
            for step, seconds in context.timings.items()
        ],
        "chunks": [_chunk_row(chunk) for chunk in context.chunks],
        "left_out": [_chunk_row(chunk) for chunk in context.left_out],
        "entities": [
            Row(entity, links.to_entity(entity.name), scores(entity.scores))
            for entity in context.entities
        ],
        "relations": [
            Row(relation, links.to_entity(relation.source), scores(relation.scores))
            for relation in context.relations
        ],
    }
    return render_to_string("webui/evidence.html", values)


def _chunk_row(chunk: FoundChunk) -> Row:
    return Row(chunk, links.to_chunk(chunk.chunk_id), scores(chunk.scores))


def scores(by_retriever: Mapping[str, float]) -> Sequence[Score]:
    """Return the scores in the order in which the retrievers ran."""
    labeled = [
        (*RETRIEVERS.get(name, (name, name)), score)
        for name, score in by_retriever.items()
    ]
    return labeled or NEIGHBOR


def graph(context: Context) -> dict[str, Any]:
    """Return the best entities, their relations, and the chunks that mention them.

    The provenance of the context must have been added (`search.sources.add`).
    """
    entities = context.entities[:MAX_DRAWN_ENTITIES]
    chunks = context.chunks[:MAX_DRAWN_CHUNKS]
    drawn = {entity.id for entity in entities}
    relations = [
        (f"e{relation.source_id}", f"e{relation.target_id}", relation.keywords[:80])
        for relation in context.relations
        if relation.source_id in drawn and relation.target_id in drawn
    ]
    mentions = [
        (f"e{entity.id}", chunk.chunk_id, "")
        for chunk in chunks
        for entity in entities
        if chunk.chunk_id in entity.chunk_ids
    ]
    return {
        "nodes": [*map(_entity_node, entities), *map(_chunk_node, chunks)],
        "edges": relations + mentions,
    }


def _entity_node(entity: FoundEntity) -> dict[str, Any]:
    return {
        "id": f"e{entity.id}",
        "label": entity.name,
        "kind": "entity",
        "url": links.to_entity(entity.name),
        "found": bool(entity.scores),
    }


def _chunk_node(chunk: FoundChunk) -> dict[str, Any]:
    return {
        "id": chunk.chunk_id,
        "label": f"[{chunk.reference_id}] {links.chunk_number(chunk.chunk_id)}",
        "kind": "chunk",
        "url": links.to_chunk(chunk.chunk_id),
        "found": True,
    }
